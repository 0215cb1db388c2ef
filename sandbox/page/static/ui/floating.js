/** Where a floating box goes: beside what opened it, inside the window. */

const GAP_PX = 6;

/** Fix `box` above or below `anchor` (an element), or at `point` ({x, y}). */
export function placeBeside(box, { anchor, point, wide = false }) {
  const from = anchor?.getBoundingClientRect() ?? { left: point.x, right: point.x, top: point.y, bottom: point.y, width: 0 };
  if (wide) box.style.width = `${from.width}px`;
  const { width, height } = box.getBoundingClientRect();
  const below = from.bottom + GAP_PX + height <= innerHeight;
  const top = below ? from.bottom + GAP_PX : Math.max(GAP_PX, from.top - GAP_PX - height);
  const left = Math.max(GAP_PX, Math.min(from.left, innerWidth - width - GAP_PX));
  box.style.top = `${top}px`;
  box.style.left = `${left}px`;
}
