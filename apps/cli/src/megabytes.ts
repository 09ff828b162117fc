/** "12.3 MB", "0.004 MB". */
export const megabytes = (bytes: number): string =>
  `${(bytes / 1e6).toFixed(bytes >= 1e5 ? 1 : bytes ? 3 : 0)} MB`;
