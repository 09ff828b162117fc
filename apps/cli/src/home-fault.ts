import { Failure } from './failure.js';

/** What an error of the file system says about the home folder, as a sentence; any other error is returned as
 *  it is. */
export function homeFault(error: unknown, home: string): unknown {
  const { code, path } = error as NodeJS.ErrnoException;
  const where = path && path !== home ? `${path} (home is ${home})` : home;
  const told = (what: string): Failure => new Failure(what, [], { cause: error });
  if (code === 'EEXIST' || code === 'ENOTDIR')
    return told(`${where} is not a folder; PEFTGRID_HOME must name one`);
  if (code === 'EROFS')
    return told(`${where} can only be read; set PEFTGRID_HOME to a folder that can be written to`);
  if (code === 'EACCES' || code === 'EPERM')
    return told(`we may not write to ${where}; set PEFTGRID_HOME to a folder that can be written to`);
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return told(`the disk of ${home} is full; make room, then start again`);
  if (code === 'EISDIR') return told(`${where} is a folder and should be a file; move it away`);
  return error;
}
