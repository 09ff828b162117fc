/** How E2E's values are said in texts: after the patterns of Dušek et al. (2019), which their authors publish
 *  in TGen (tgen/e2e/slot_error.py, Apache-2.0) too. What no text can match there is left out. */

/** A slot of a meaning with one of its values. */
export interface Slot {
  name: string;
  value: string;
}

/** Words of a text that say a slot's value: characters from `from` to before `to`. */
export interface Mention extends Slot {
  from: number;
  to: number;
}

const letter = '[\\p{L}\\p{N}_]';
// JavaScript's \b knows ASCII letters alone, which "café" ends without.
const [begins, ends] = [`(?<!${letter})`, `(?!${letter})`];
const edge = `(?:(?<=${letter})(?!${letter})|(?<!${letter})(?=${letter}))`;

/** Whole words that match one of the alternatives, the first that does at each place. */
const phrases = (...alternatives: string[]): RegExp =>
  new RegExp(
    alternatives.map((phrase) => `${phrase.startsWith('£') ? edge : begins}${phrase}${ends}`).join('|'),
    'giu',
  );

const upTo = (count: number) => `(?: ${letter}+){0,${count}}`; // words between

const person = '(?:child|children|family|kids|kid)';
const people = '(?:kids?|child(?:ren)?|famil(?:y|ies))';
const welcome = '(?:welcome|allowed|accepted)';
const friendly = '[ -]+(?:friendly|orien(?:ta)?ted)';
const ofPeople = `(?:${letter}+ ){0,2}(?:${people}|all age)`;

const cheap = ['(?:inexpensive|cheap)(?:ly)?', 'low[- ]+price[ds]?'];
const expensive = ['high[- ]+price[ds]?', 'expensive'];
const pricesAre = (how: string) => `prices?(?: range)?${upTo(3)} ${how}`;
const reasonable = '(?:moderate|reasonable|ok|average)(?:ly)?[- ]+price[ds]?';
const pricesAreReasonable = pricesAre('(?:ok|average|moderate|reasonable)');

const opinion = 'reviews?|standards?|quality';
const stars = (number: string) => `(?:${number})(?:(?: out)? of (?:5|five)(?: stars?)?|[- ]+stars?)`;

/** A rating as stars, as "rated LEVEL" and as "BEFORE ratings", the words also with the stars after them. */
function rating(number: string, level: string, before: string, withStars: boolean): RegExp {
  const then = (inWords: string) =>
    withStars ? `(?:${upTo(3)} (?:${number})(?:${inWords}|[- ]+stars?))?` : '';
  return phrases(
    stars(number),
    `(?:rat(?:ings?|e[ds]?)|${opinion})${upTo(2)} (?:as )?${level}${then('(?: out)? of (?:5|five)')}`,
    `(?:${before})(?:ly)?(?:[ -]+${letter}+){0,2}[ -]+(?:rat(?:ings?|ed)|${opinion})${then('(?: out)? of (?:5|five)(?: stars?)?')}`,
  );
}

const ratings = {
  low: ['1|one', '(?:low|bad|poor)', `low|bad|poor|(?:not|doesn't|isn't)${upTo(2)} (?:good|well)`],
  average: ['3|three', 'average', 'average|(?<!very )(?:good|well)'],
  high: ['5|five', 'high', 'high|excellent|very good|great'],
} as const;

const foods = ['Chinese', 'English', 'Fast food', 'French', 'Indian', 'Italian', 'Japanese'];
const alsoFoods: Record<string, string> = { Chinese: 'Chines', English: 'British' };

const places =
  'Alimentum|Aromi|Bibimbap House|Blue Spice|Browns Cambridge|Clowns|Cocum|Cotto|Fitzbillies|Giraffe|Green Man|Loch Fyne|' +
  'Midsummer House|Strada|Taste of Cambridge|The Cambridge Blue|The Cricketers|The Dumpling Tree|The Eagle|' +
  'The Golden Curry|The Golden Palace|The Mill|The Olive Grove|The Phoenix|The Plough|The Punter|The Rice Boat|' +
  'The Twenty Two|The Vaults|The Waterman|The Wrestlers|Travellers Rest Beefeater|Wildwood|Zizzi';
const landmarks =
  'All Bar One|Avalon|Burger King|Café Adriatic|Café Brazil|Café Rouge|Café Sicilia|Clare Hall|Crowne Plaza Hotel|' +
  'Express by Holiday Inn|Rainbow Vegetarian Café|Raja Indian Cuisine|Ranch|The Bakers|The Portland Arms|' +
  'The Rice Boat|The Six Bells|The Sorrento|Yippee Noodle Bar';

/** For each slot and value the words that say it; a text where each value is said by its own name. Their
 *  order decides between several values for the same words. */
const said: Record<string, Record<string, RegExp> | string> = {
  area: {
    'city centre': phrases(
      '(?:city|town) cent(?:re|er)',
      'cent(?:re|er) of (?:the )?(?:city|town)',
      'in the cent(?:re|er)',
    ),
    riverside: phrases('riverside', '(?:near|by|at|close to|along|on|off|beside) the river'),
  },
  eatType: {
    'coffee shop': phrases('coffee[- ]+shop', 'caf[eé]', 'coffee'),
    pub: phrases('pub'),
    restaurant: phrases('restaurant'),
  },
  familyFriendly: {
    no: phrases(
      `(?:isn't|not|non|no)[ -]+(?:${letter}+ ){0,2}${person}${friendly}`,
      `${person}[ -]+unfriendly`,
      'adults?[ -]+only',
      'only for adults',
      '(?:no|not) (?:kids|children|famil(?:y|ies))',
      `(?:not|no)(?: good| suitable| friendly| orien(?:ta)?ted| opened)? (?:at|for|to|with)(?: the)? (?:kids|children|family|families|all age)`,
      `${people} (?:are|is)(?:n't| not) ${welcome}`,
      `(?:does not|doesn't) (?:welcome|allow|accept) ${ofPeople}`,
      'adult (?:establishment|venue|place|establish)',
    ),
    yes: phrases(
      'for (?:kids|children|family|families)',
      'family place',
      'place to bring the(?: whole)? family',
      `${person}${friendly}`,
      `${people} (?:are|is) ${welcome}`,
      `(?:welcomes?|allows?|accepts?) ${ofPeople}`,
    ),
  },
  food: Object.fromEntries(
    foods.map((food) => [food, phrases(food, ...(alsoFoods[food] ? [alsoFoods[food]] : []))]),
  ),
  name: places,
  near: landmarks,
  priceRange: {
    cheap: phrases(...cheap, 'affordabl[ey]', pricesAre('low')),
    'less than £20': phrases(
      cheap[0]!,
      'affordabl[ey]',
      '(?:less than|under) £? *20',
      'moderately priced',
      cheap[1]!,
      pricesAre('low'),
    ),
    'more than £30': phrases('(?:more than|over) £? *30', ...expensive, 'not cheap', pricesAre('high')),
    high: phrases(...expensive, pricesAre('high')),
    moderate: phrases(
      reasonable,
      'not cheap',
      'affordable',
      'mid[- ]+range[- ]+price[ds]?',
      pricesAreReasonable,
    ),
    '£20-25': phrases('£? *20 *(?:[-–]*|to) *25', reasonable, pricesAreReasonable, 'affordable'),
  },
  rating: {
    '1 out of 5': rating(...ratings.low, true),
    '3 out of 5': rating(...ratings.average, true),
    '5 out of 5': rating(...ratings.high, true),
    high: rating(ratings.high[0], ratings.high[1], `${ratings.high[2]}|well`, false),
    average: rating(...ratings.average, false),
    low: rating(...ratings.low, false),
  },
};

/** E2E's slots by their names. */
export const slotNames: readonly string[] = Object.keys(said);

const values = new Map(
  Object.entries(said).map(([name, own]) => {
    const all = typeof own === 'string' ? own.split('|') : Object.keys(own);
    return [name, new Map(all.map((value) => [value.toLowerCase(), value]))];
  }),
);

/** A slot's value as E2E spells it, whatever its case; undefined where there is none. */
export const canonicalValue = (name: string, value: string): string | undefined =>
  values.get(name)?.get(value.toLowerCase());

const ways = Object.entries(said).flatMap(
  ([name, own]): { name: string; value?: string; pattern: RegExp }[] =>
    typeof own === 'string'
      ? [{ name, pattern: phrases(...own.split('|')) }]
      : Object.entries(own).map(([value, pattern]) => ({ name, value, pattern })),
);

/** Every mention of a value in a text, by slot and value in their order. Several may share words. */
export function mentionsIn(text: string): Mention[] {
  return ways.flatMap(({ name, value, pattern }) =>
    Array.from(text.matchAll(pattern), ({ 0: words, index }) => ({
      name,
      value: value ?? canonicalValue(name, words)!,
      from: index,
      to: index + words.length,
    })),
  );
}
