/** A token as a word: without the marks of the tokenizers' beginnings and continuations, in lower case. */
export const bare = (token: string): string =>
  token
    .replace(/^(##|▁|Ġ|\s)+/u, '')
    .trim()
    .toLowerCase();
