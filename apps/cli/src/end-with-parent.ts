/** Loaded into every process that `up` starts, before its own code: when `up` is gone, however it died, the process is asked to end, and
 *  ended where it does not within a few seconds. */
const forkedByUp = process.channel !== undefined && process.channel !== null;

if (forkedByUp) {
  process.on('disconnect', () => {
    process.kill(process.pid, 'SIGTERM');
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), 20_000).unref();
  });
  process.channel?.unref(); // listening must not keep a process alive that has nothing left to do
}
