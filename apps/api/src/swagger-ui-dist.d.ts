declare module 'swagger-ui-dist/absolute-path.js' {
  /** The folder with the page's scripts and styles. */
  export default function absolutePath(): string;
}
