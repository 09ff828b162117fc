import type { Method } from '#contracts/method.js';
import type { GridIssue } from './grid-error.js';
import { type Family, isEncoder } from './unreached.js';

/** Why no model of this family carries the method, by knob. `unreached` looks at its layers and modules. */
export function uncarried(method: Method, family: Family, backbone: string): GridIssue[] {
  const issue = (path: string, message: string): GridIssue[] => [{ path, message }];
  const is = `${backbone} is a ${family}`;
  if (method.name === 'bitfit' && !isEncoder(family))
    return issue('method.name', `bitfit trains biases, and ${is}, which has none`);
  if (method.name === 'prompt-tuning' && method.place === 'encoder-and-decoder' && family !== 't5')
    return issue('method.place', `"${method.place}" needs an encoder-decoder, and ${is}`);
  if (method.name === 'unipelt' && method.gates && !isEncoder(family))
    return issue('method.gates', `gates average over the whole text, which a decoder must not see, and ${is}; expected false`);
  if (method.name === 'adapter' && method.trainNorms === true && !isEncoder(family))
    return issue('method.trainNorms', `true, and ${is}, which has no LayerNorm`);
  if (method.name === 'p-tuning' && method.template?.includes('{mask}') && !isEncoder(family))
    return issue('method.template', `has {mask}, and ${is}, which writes its answer behind the text; leave {mask} out`);
  if (method.name === 'prefix-tuning') {
    const places = { bert: ['encoder'], mpnet: ['encoder'], llama: ['decoder'], t5: ['encoder', 'decoder', 'cross'] }[family];
    const lost = method.places?.find((place) => !places.includes(place));
    if (lost) return issue('method.places', `"${lost}", and ${is}; expected ${places.join(', ')}`);
    if (method.position === 'infix' && isEncoder(family))
      return issue('method.position', `"infix" is between a text and what is written after it, and ${is}, which writes nothing`);
    if (method.position === 'infix' && method.places?.includes('encoder'))
      return issue('method.places', '"encoder", where the text would see what method.position "infix" puts behind it');
    if (method.depth === 'embedding-only' && method.places?.includes('cross'))
      return issue('method.places', '"cross", which has no embeddings of its own for method.depth "embedding-only"');
    if (method.relativePositions && family !== 't5' && family !== 'mpnet')
      return issue('method.relativePositions', `true, and ${is}, which has none; only T5 and MPNet have`);
    if (method.relativePositions && method.depth === 'embedding-only')
      return issue('method.relativePositions', 'true, and the tokens of method.depth "embedding-only" always have positions');
    if (method.words !== null && method.init === 'random')
      return issue('method.words', 'is given, and method.init is "random", which reads none; expected "real-words"');
  }
  if (method.name === 'adalora' && method.targetRank > method.rank)
    return issue('method.targetRank', `${method.targetRank} is more than method.rank ${method.rank}, from which it shrinks`);
  return [];
}
