import type { Gang } from '../gang/gang.js';
import type { Answerer } from '../rows/answer-examples.js';
import { answeringReader } from '../rows/row-reader.js';

/** A gang as something that answers. */
export const answererOf = (gang: Gang): Answerer => ({
  members: gang.members,
  answers: gang.answers,
  read: answeringReader(gang.answers, gang.members),
  score: (batch) => gang.score(batch),
  write: (batch, streams) => gang.write(batch, streams),
});
