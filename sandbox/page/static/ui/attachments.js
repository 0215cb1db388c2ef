/** Files on a message: pictures as a grid, spoilers covered, the rest as links. */

import { html, useState } from "../vendor/htm-preact.js";
import { useChat } from "../context.js";
import { isPicture, isSpoiler, localPath, sizeText } from "../files.js";
import { Icon } from "./icons.js";

const WIDEST_PX = 550;
const TALLEST_PX = 400;
const SMALLEST_PX = 256; // smaller pictures are shown larger, with their pixels sharp

export function Attachments({ files }) {
  const pictures = files.filter(isPicture);
  const others = files.filter((file) => !isPicture(file));
  return html`
    ${pictures.length > 0 && html`<${Gallery} pictures=${pictures.map(fromFile)} />`}
    ${others.map((file) => html`<${FileCard} key=${file.id} file=${file} />`)}`;
}

const fromFile = (file) => ({
  url: localPath(file.url), alt: file.description || file.filename, width: file.width, height: file.height, spoiler: isSpoiler(file),
});

/** pictures: {url, alt, width?, height?, spoiler?}. */
export function Gallery({ pictures }) {
  const count = pictures.length;
  // By place, not by id: a preview that is replaced changes its picture and does not blink.
  return html`<div class="gallery"
    data-count=${count === 1 ? "one" : count === 2 || count === 4 ? "two" : "three"}>
    ${pictures.map((picture, index) => html`<${Picture} key=${index} picture=${picture} single=${count === 1}
      all=${pictures} index=${index} />`)}
  </div>`;
}

function Picture({ picture, single, all, index }) {
  const chat = useChat();
  const [revealed, setRevealed] = useState(!picture.spoiler);
  const open = (event) => {
    if (revealed) chat.show({ kind: "lightbox", pictures: all, index, opener: event.currentTarget });
    else setRevealed(true);
  };
  const small = isSmall(picture);
  return html`<button class=${revealed ? "picture" : "picture covered"}
    aria-label=${revealed ? `Open ${picture.alt}` : "Spoiler: press to reveal"} onClick=${open}>
    <img src=${picture.url} alt=${revealed ? picture.alt : ""} class=${small ? "small-picture" : ""}
      style=${single ? sizeOf(picture) : {}} />
    ${!revealed && html`<span class="cover">Spoiler</span>`}
  </button>`;
}

export const isSmall = ({ width, height }) => width < SMALLEST_PX && height < SMALLEST_PX;

/** A box of the picture's shape, taken before it has loaded so that nothing moves. */
function sizeOf({ width, height }) {
  if (!width) return { maxWidth: `min(100%, ${WIDEST_PX}px)` };
  const least = isSmall({ width, height }) ? SMALLEST_PX / Math.max(width, height) : 1;
  const scale = Math.min(least, WIDEST_PX / width, TALLEST_PX / height);
  return { width: `${Math.round(width * scale)}px`, aspectRatio: `${width} / ${height}` };
}

function FileCard({ file }) {
  return html`<a class="file" href=${localPath(file.url)} download=${file.filename}>
    <${Icon} name="file" size=${28} /><span>${file.filename}<small>${sizeText(file.size)}</small></span>
  </a>`;
}
