import koffi from 'koffi';

const silencer = '_ZN6google8protobuf11LogSilencerC1Ev'; // google::protobuf::LogSilencer::LogSilencer()

/** Stops protobuf's complaint about every entry of XLA's compilation cache, which TensorFlow tries to read as
 *  text before it reads it as what it is: it has no flag against that. A build that hides the function keeps
 *  complaining. */
export function quieten(): void {
  try {
    // for good; what it constructs is never read
    koffi.load(null).func(silencer, 'void', ['void *'])(Buffer.alloc(8));
  } catch {
    // not exported
  }
}
