import { openSync, readFileSync, writeFileSync } from 'node:fs';
import { HostFault, hostFault } from './host-fault.js';
import { InvalidTrial } from './signals.js';

function thrownBy(act: () => unknown): Error {
  try {
    act();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

it('knows a full device, also where it was wrapped as the fault of a trial', () => {
  const full = thrownBy(() => writeFileSync('/dev/full', 'x'));
  expect(hostFault(full)).toMatch(/^no space is left on the device \(ENOSPC write/);
  expect(hostFault(new InvalidTrial(full.message, { cause: full }))).toMatch(/ENOSPC/);
  expect(hostFault(new HostFault('the disk is gone'))).toBe('the disk is gone');
});

it.each([
  ['ENOSPC', 'write /x: No space left on device'],
  ['EMFILE', 'cannot open shared object: Too many open files'],
])('reads %s out of the words of a native library', (code, message) => {
  expect(hostFault(new Error(message))).toContain(code);
});

it("takes a trial's own faults for no fault of the machine", () => {
  expect(hostFault(thrownBy(() => readFileSync('/nowhere/data.csv')))).toBeNull();
  expect(hostFault(thrownBy(() => openSync('/', 'w')))).toBeNull(); // EISDIR
  expect(hostFault(Object.assign(new Error('read'), { code: 'EAGAIN', syscall: 'read' }))).toBeNull();
  expect(hostFault(new InvalidTrial('training.batch is 0'))).toBeNull();
  expect(hostFault('text')).toBeNull();
});
