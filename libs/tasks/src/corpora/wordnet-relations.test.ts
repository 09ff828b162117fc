import { relatedInWordNet } from './wordnet-relations.js';

it.each([
  ['entirely', 'completely', true], // one synset
  ['cat', 'feline', true], // what it is a kind of
  ['hot', 'cold', true], // opposites
  ['finger', 'hand', true], // a part
  ['quick', 'fast', true], // similar: adjectives have satellites
  ['cat', 'completely', false],
  ['dog', 'cat', false], // both are carnivores: one step more
  ['##ing', 'cat', false], // no word
  ['', '', false],
])('%s and %s: %s', (a, b, related) => {
  expect([relatedInWordNet(a, b), relatedInWordNet(b, a)]).toEqual([related, related]);
});
