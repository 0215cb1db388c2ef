/** Discord's markdown, read into a tree of {kind, ...}; plain strings are text. Nothing here makes HTML. */

const INLINE = [
  [/^\\([^A-Za-z0-9\s])/, (m) => m[1]],
  [/^(`+)([\s\S]*?[^`])\1(?!`)/, (m) => ({ kind: "code", text: m[2] })],
  [/^\*\*([\s\S]+?)\*\*(?!\*)/, (m, go) => ({ kind: "strong", inner: go(m[1]) })],
  [/^__([\s\S]+?)__(?!_)/, (m, go) => ({ kind: "u", inner: go(m[1]) })],
  [/^\*(?=\S)((?:\*\*|\\[\s\S]|[^\\*])+?)\*(?!\*)/, (m, go) => ({ kind: "em", inner: go(m[1]) })],
  [/^_(?=\S)((?:\\[\s\S]|[^\\_])+?)_(?!\w)/, (m, go) => ({ kind: "em", inner: go(m[1]) })],
  [/^~~(?=\S)([\s\S]*?\S)~~/, (m, go) => ({ kind: "s", inner: go(m[1]) })],
  [/^\|\|([\s\S]+?)\|\|/, (m, go) => ({ kind: "spoiler", inner: go(m[1]) })],
  [/^\[([^\]\n]+)\]\(<?(https?:\/\/[^\s<>)]+)>?\)/, (m, go) => ({ kind: "link", href: m[2], inner: go(m[1]) })],
  [/^<(https?:\/\/[^\s<>]+)>/, (m) => ({ kind: "link", href: m[1], inner: [m[1]] })],
  [/^https?:\/\/[^\s<]+[^<.,:;"')\]\s]/, (m) => ({ kind: "link", href: m[0], inner: [m[0]] })],
  [/^<@!?(\d+)>/, (m) => ({ kind: "user", id: m[1] })],
  [/^<@&(\d+)>/, (m) => ({ kind: "role", id: m[1] })],
  [/^<#(\d+)>/, (m) => ({ kind: "channel", id: m[1] })],
  [/^<t:(-?\d+)(?::([tTdDfFR]))?>/, (m) => ({ kind: "time", seconds: Number(m[1]), style: m[2] ?? "f" })],
  [/^<\/([-\w ]+):\d+>/, (m) => ({ kind: "command", name: m[1] })],
  [/^<a?:(\w+):\d+>/, (m) => ({ kind: "emoji", name: m[1] })],
  [/^@(everyone|here)\b/, (m) => ({ kind: "everyone", name: m[1] })],
];
/** What may begin one of the above; everything up to it is plain. */
const PLAIN = /^[\s\S][^\\`*_~|[<h@]*/;

/** A line of text with its marks. */
export function inline(text) {
  const nodes = [];
  let rest = text;
  while (rest) {
    const [node, length] = next(rest, nodes.at(-1));
    if (typeof node === "string" && typeof nodes.at(-1) === "string") nodes.push(nodes.pop() + node);
    else nodes.push(node);
    rest = rest.slice(length);
  }
  return nodes;
}

function next(text, before) {
  const midWord = typeof before === "string" && /\w$/.test(before);
  for (const [pattern, build] of INLINE) {
    const match = pattern.exec(text);
    if (match && !(midWord && match[0][0] === "_" && match[0][1] !== "_")) return [build(match, inline), match[0].length];
  }
  const plain = PLAIN.exec(text)[0];
  return [plain, plain.length];
}

const BLOCKS = [
  [/^```(?:([\w+-]+)\n)?\n?([\s\S]*?)\n?```\n?/, (m) => ({ kind: "pre", text: m[2] })],
  [/^(#{1,3}) +([^\n]+)\n?/, (m) => ({ kind: `h${m[1].length}`, inner: inline(m[2]) })],
  [/^-# +([^\n]+)\n?/, (m) => ({ kind: "small", inner: inline(m[1]) })],
  [/^>>> ([\s\S]+)/, (m) => ({ kind: "quote", inner: parse(m[1]) })],
  [/^(?:> ?[^\n]*(?:\n|$))+/, (m) => ({ kind: "quote", inner: parse(m[0].replace(/^> ?/gm, "").trimEnd()) })],
  [/^(?: *[-*] +[^\n]+(?:\n|$))+/, (m) => ({ kind: "ul", items: items(m[0], /^ *[-*] +/) })],
  [/^(?: *\d+\. +[^\n]+(?:\n|$))+/, (m) => ({ kind: "ol", items: items(m[0], /^ *\d+\. +/) })],
];
const STARTS = /\n(?=```|#{1,3} |-# |>>> |> | *[-*] | *\d+\. )|(?=```)/;

/** A message: blocks, each with its lines. */
export function parse(text) {
  const nodes = [];
  let rest = text;
  while (rest) {
    const [node, length] = nextBlock(rest);
    nodes.push(node);
    rest = rest.slice(length);
  }
  return nodes;
}

function nextBlock(text) {
  for (const [pattern, build] of BLOCKS) {
    const match = pattern.exec(text);
    if (match) return [build(match), match[0].length];
  }
  const end = text.slice(1).search(STARTS);
  const length = end < 0 ? text.length : end + 1;
  const newline = text[length] === "\n" ? 1 : 0;
  return [{ kind: "lines", inner: inline(text.slice(0, length)) }, length + newline];
}

function items(text, mark) {
  return text.trimEnd().split("\n").map((line) => inline(line.replace(mark, "")));
}

/** The text without its marks, for places that show one plain line; `nameOf` names mentioned users. */
export function plain(text, nameOf = () => "someone") {
  const flat = (node) => {
    if (typeof node === "string") return node;
    if (node.kind === "user") return `@${nameOf(node.id)}`;
    if (node.kind === "spoiler") return "▇▇▇";
    return node.text ?? node.name ?? (node.inner ?? node.items ?? []).flat().map(flat).join("");
  };
  return parse(text ?? "").map(flat).join(" ").replace(/\s+/g, " ").trim();
}
