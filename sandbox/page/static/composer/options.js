/** A command's options: what can be chosen, and what the typed text means. Pure functions. */

export const STRING = 3, INTEGER = 4, BOOLEAN = 5, USER = 6, CHANNEL = 7, ROLE = 8, MENTIONABLE = 9, NUMBER = 10, ATTACHMENT = 11;
const SLASH = 1;
const GROUP = 2;
const YES = [{ name: "True", value: true }, { name: "False", value: false }];

/** Every slash command and subcommand as {path, description, options}; "library add" is a path. */
export function flatten(commands) {
  return commands.filter((command) => command.type === SLASH).flatMap((command) => leaves(command, []));
}

function leaves(node, above) {
  const path = [...above, node.name];
  const inner = (node.options ?? []).filter((option) => option.type <= GROUP);
  if (inner.length) return inner.flatMap((option) => leaves(option, path));
  return [{ path: path.join(" "), description: node.description, options: node.options ?? [] }];
}

/** The commands whose name or description holds what was typed; names that begin with it come first. */
export function matching(commands, typed) {
  const wanted = typed.toLowerCase();
  const rank = ({ path, description }) =>
    path.startsWith(wanted) ? 0 : path.includes(wanted) ? 1 : description.toLowerCase().includes(wanted) ? 2 : 3;
  return commands.filter((command) => rank(command) < 3).sort((a, b) => rank(a) - rank(b));
}

/** What an option offers by itself, as {name, value}; null where one types freely or the bot is asked. */
export function offered(option, { town, channel }) {
  if (option.choices) return option.choices;
  if (option.type === BOOLEAN) return YES;
  const guild = channel.guild;
  const users = (guild ? guild.members.map((member) => member.id) : [town.me, town.bot_id])
    .filter((id) => town.users[id]).map((id) => ({ name: `@${town.users[id].name}`, value: id }));
  const roles = (guild?.roles ?? []).map((role) => ({ name: `@${role.name.replace(/^@/, "")}`, value: role.id }));
  const channels = (guild?.channels ?? []).map((one) => ({ name: `#${one.name}`, value: one.id }));
  return { [USER]: users, [ROLE]: roles, [CHANNEL]: channels, [MENTIONABLE]: [...users, ...roles] }[option.type] ?? null;
}

export function filtered(choices, typed) {
  const wanted = typed.trim().toLowerCase();
  return choices.filter((choice) => choice.name.toLowerCase().includes(wanted));
}

/**
 * The value of an option, or {problem} in words. `field` is {text, chosen?, file?}: what was typed, the choice that
 * was taken and the file that was given.
 */
export function read(option, field, offers) {
  if (option.type === ATTACHMENT) return field.file ? { value: field.file } : { problem: `${option.name} takes a file.` };
  if (field.chosen) return { value: field.chosen.value };
  const text = field.text.trim();
  if (text === "") return { problem: `${option.name} is empty. Fill it in or remove it.` };
  if (offers) return exact(option, text, offers);
  if (option.type === STRING) return readText(option, field.text);
  return readNumber(option, text);
}

function exact(option, text, offers) {
  const same = (choice) => [choice.name, choice.name.slice(1), String(choice.value)].some((one) => one.toLowerCase() === text.toLowerCase());
  const found = offers.find(same);
  if (found) return { value: found.value };
  return { problem: `${option.name}: “${text}” is none of the choices. Pick one from the list.` };
}

function readText(option, text) {
  const { min_length: least = 0, max_length: most = 6000 } = option;
  if (text.length >= least && text.length <= most) return { value: text };
  return { problem: `${option.name} takes ${range(least, most)} characters; this is ${text.length}.` };
}

function readNumber(option, text) {
  const whole = option.type === INTEGER;
  const number = Number(text);
  const { min_value: least, max_value: most } = option;
  if (!(whole ? /^[+-]?\d+$/ : /^[+-]?(\d+\.?\d*|\.\d+)$/).test(text)) {
    return { problem: `${option.name} takes a ${whole ? "whole " : ""}number; “${text}” is none.` };
  }
  if ((least !== undefined && number < least) || (most !== undefined && number > most)) {
    return { problem: `${option.name} takes a number ${between(least, most)}; ${text} is not.` };
  }
  return { value: number };
}

const range = (least, most) => (least ? `${least} to ${most}` : `at most ${most}`);
const between = (least, most) => (least === undefined ? `up to ${most}` : most === undefined ? `from ${least}` : `from ${least} to ${most}`);

/** "/imagine prompt: a fox seed: 5" as {path, texts}: a pasted line becomes a filled command. */
export function parseLine(line, commands) {
  const typed = line.trim().replace(/^\//, "");
  const named = commands.filter(({ path }) => typed === path || typed.startsWith(`${path} `));
  const command = named.sort((a, b) => b.path.length - a.path.length)[0];
  if (!command) return null;
  const names = command.options.map((option) => option.name).join("|");
  const texts = {};
  const rest = typed.slice(command.path.length);
  if (!names || !rest.trim()) return { command, texts };
  const parts = rest.split(new RegExp(`(?:^|\\s)(${names}):\\s*`));
  for (let at = 1; at < parts.length; at += 2) texts[parts[at]] = parts[at + 1].trim().replace(/^"(.*)"$/s, "$1");
  if (parts[0].trim() && command.options[0]) texts[command.options[0].name] ??= parts[0].trim();
  return { command, texts };
}
