/** Files as the page shows them. */

const PICTURE = /^image\/(png|jpeg|webp|gif|avif)$/;

export const isPicture = (file) => PICTURE.test(file.content_type ?? file.type ?? "");
export const isSpoiler = (file) => (file.filename ?? "").startsWith("SPOILER_");

/** One of our own addresses as a path, so that the page works under each name of this machine. */
export function localPath(address) {
  if (!/^https?:/.test(address ?? "")) return address;
  const url = new URL(address);
  return url.pathname.startsWith("/attachments/") ? url.pathname + url.search : address;
}

/** An address that a link may open; undefined for others, such as one that would run a script. */
export const linkable = (address) => (/^(https?|discord):/i.test(address ?? "") ? address : undefined);

export function sizeText(bytes) {
  if (bytes < 1024) return `${bytes} bytes`;
  if (bytes < 1024 ** 2) return `${(bytes / 1024).toFixed(1)} KB`;
  return `${(bytes / 1024 ** 2).toFixed(1)} MB`;
}
