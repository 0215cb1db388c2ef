"""The prompt language, from a member's text to what a text encoder reads at each step.

    parse      text to a tree; its docstring is the grammar
    adapters   `<lora:name:0.8>` taken out of a text
    wildcards  `{a|b}` drawn from an image's seed: text to text
    reading    a tree at one step of the sampler: words and their weights
    words      every word that any reading could hold, for the filter
    spoken     the whole way for one text stage and one image

Pure data and linear work; nothing here raises anything but BadOption.
"""
