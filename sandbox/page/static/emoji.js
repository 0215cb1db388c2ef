/** The emojis one can react with, and the words that find them. Those the studio answers to come first. */

export const EMOJIS = [
  ["🔁", "again repeat rerun"], ["🎲", "dice seed chance"], ["❌", "cross delete no"], ["⭐", "star favourite"], ["❤️", "heart love"],
  ["👍", "thumbs up yes good"], ["👎", "thumbs down no bad"], ["✉️", "envelope mail message"], ["🗑️", "bin delete trash"], ["🔍", "magnifier info zoom"],
  ["⬆️", "up upscale"], ["🎨", "palette art paint"], ["🖼️", "picture frame"], ["🙈", "monkey hide spoiler"], ["🚫", "forbidden report"], ["🚩", "flag report"],
  ["😀", "smile happy"], ["😂", "laugh tears joy"], ["😍", "love eyes"], ["🥳", "party"], ["🤔", "think"], ["😮", "wow surprise"], ["😢", "sad cry"], ["😡", "angry"],
  ["👏", "clap"], ["🙏", "thanks please"], ["🔥", "fire hot"], ["✨", "sparkles"], ["🎉", "party tada"], ["💯", "hundred"], ["✅", "check done yes"], ["👀", "eyes look"],
  ["1️⃣", "one first"], ["2️⃣", "two second"], ["3️⃣", "three third"], ["4️⃣", "four fourth"], ["🦊", "fox"], ["🐱", "cat"], ["🐶", "dog"], ["🌈", "rainbow"],
];
