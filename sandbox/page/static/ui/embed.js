/** An embed: a bordered card with a title, text, fields, pictures and a footer. */

import { html } from "../vendor/htm-preact.js";
import { linkable, localPath } from "../files.js";
import { full } from "../times.js";
import { Gallery } from "./attachments.js";
import { Text } from "./text.js";

const colourOf = (number) => (number ? `#${number.toString(16).padStart(6, "0")}` : undefined);

export function Embed({ embed }) {
  const { author, title, url, description, fields = [], image, thumbnail, footer, timestamp } = embed;
  return html`<div class="embed" style=${{ borderLeftColor: colourOf(embed.color) }}>
    ${thumbnail && html`<img class="thumbnail" src=${localPath(thumbnail.url)} alt="" />`}
    ${author && html`<div class="author">${author.name}</div>`}
    ${title && html`<div class="title"><${Title} title=${title} href=${linkable(url)} /></div>`}
    ${description && html`<${Text} text=${description} />`}
    ${fields.length > 0 && html`<div class="fields">${fields.map((field, index) => html`
      <div class=${field.inline ? "field inline" : "field"} key=${index}>
        <div class="field-name"><${Text} text=${field.name} /></div><${Text} text=${field.value} />
      </div>`)}</div>`}
    ${image && html`<${Gallery}
      pictures=${[{ ...image, url: localPath(image.url), alt: title || "Picture" }]} />`}
    ${(footer || timestamp) && html`<div
      class="footer">${[footer?.text, timestamp && full(timestamp)].filter(Boolean).join(" • ")}</div>`}
  </div>`;
}

function Title({ title, href }) {
  if (!href) return html`<${Text} text=${title} />`;
  return html`<a href=${href} target="_blank" rel="noreferrer noopener">${title}</a>`;
}
