/** How far each member has read, kept in the browser. */

const keyOf = (member) => `read:${member}`;

export function loadReads(member) {
  try {
    return JSON.parse(localStorage.getItem(keyOf(member))) ?? {};
  } catch {
    return {};
  }
}

export function saveReads(member, reads) {
  try {
    localStorage.setItem(keyOf(member), JSON.stringify(reads));
  } catch {
    // Without storage, marks last as long as the page.
  }
}
