/** The page's few icons, drawn with strokes. */

import { html } from "../vendor/htm-preact.js";

const PATHS = {
  hash: "M5 9h14M4 15h14M10 4 8 20M16 4l-2 16",
  thread: "M4 6h16M4 11h10M8 16h6M8 11v5",
  menu: "M4 6h16M4 12h16M4 18h16",
  people: "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM2.5 20c.5-4 3-6 6.500-6s6 2 6.500 6M16 4.500a3.500 3.500 0 0 1 0 6.500M18 14.500c2 .8 3.200 2.800 3.500 5.500",
  wrench: "M14.500 6.500a4.500 4.500 0 0 0-6 5.500L3 17.500 6.500 21l5.500-5.500a4.500 4.500 0 0 0 5.500-6L14.500 12.500 11.500 9.500Z",
  plus: "M12 5v14M5 12h14",
  smile: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM8.500 14.500c1.800 2.300 5.200 2.300 7 0M9 9.500v.5M15 9.500v.5",
  reply: "M9 7 4 12l5 5M4 12h9c4 0 6 2 7 6",
  dots: "M5 12h.01M12 12h.01M19 12h.01",
  send: "M4 12 20 4l-5 16-3.500-6.500ZM11.500 13.500 20 4",
  close: "M6 6l12 12M18 6 6 18",
  down: "M6 9l6 6 6-6",
  file: "M7 3h7l4 4v14H7ZM14 3v4h4",
  trash: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",
  at: "M16 12a4 4 0 1 1-8 0 4 4 0 0 1 8 0Zm0 0v1.500a2.500 2.500 0 0 0 5 0V12a9 9 0 1 0-3.500 7",
  eye: "M2.500 12S6 5.500 12 5.500 21.500 12 21.500 12 18 18.500 12 18.500 2.500 12 2.500 12ZM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6Z",
};

export function Icon({ name, size = 20 }) {
  return html`<svg class="icon" width=${size} height=${size} viewBox="0 0 24 24" aria-hidden="true">
    <path d=${PATHS[name]} />
  </svg>`;
}
