"""Makes the small files that examples/any-file and examples/suite.yaml read, always the same ones.

    python3 make_data.py KJV.txt.gz

KJV.txt.gz is the King James Version (public domain) as diatheke exports it. All other sentences are made here, and
anybody may use them.
"""

import gzip
import json
import random
import re
import sys
from pathlib import Path

HERE = Path(__file__).parent
PEOPLE = "Anna Ben Clara David Emma Frank Grace Henry Ida Jack Kate Leo Mary Noah Olga Paul".split()
PLACES = "York Leeds Dover Perth Truro Bath Oban Ely Wells Ripon".split()
GOODS = "apples pears candles books carpets lamps spoons hats cups knives".split()
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()


def write(name, rows):
    path = HERE / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def sale(draw):
    seller, buyer = draw.sample(PEOPLE, 2)
    return {
        "seller": seller, "buyer": buyer, "count": draw.randint(2, 60), "goods": draw.choice(GOODS),
        "place": draw.choice(PLACES), "day": draw.choice(DAYS),
    }


def told(s, order=0):
    orders = [
        "On {day} {seller} sold {count} {goods} to {buyer} in {place}.",
        "In {place} {buyer} bought {count} {goods} from {seller} on {day}.",
        "{seller} sold {buyer} {count} {goods} on {day}, at the market in {place}.",
    ]
    return orders[order].format(**s)


def other(draw, values, value):
    return draw.choice([v for v in values if v != value])


# --- any file of each kind -------------------------------------------------------------------------------

KINDS = {
    "bird": "robin eagle owl sparrow crow swan duck goose hawk wren finch gull heron parrot pigeon raven stork "
            "lark falcon",
    "fish": "salmon trout herring carp cod eel perch pike shark tuna sardine mackerel plaice sole haddock sturgeon",
    "tree": "oak elm birch ash beech maple poplar willow pine spruce larch cedar yew alder chestnut lime",
    "fruit": "apple pear plum cherry grape lemon orange peach apricot fig date banana melon mango quince",
    "tool": "hammer saw axe chisel spade rake file drill plane wrench shovel pick hoe sickle mallet",
    "bread": "loaf roll bun bagel baguette muffin scone pretzel flatbread toast",
    "boat": "canoe ferry barge raft yacht kayak dinghy trawler tug gondola punt",
    "game": "chess tennis football poker cricket hockey golf bridge draughts rugby darts marbles",
}
FRAMES = ["{a} {w} is a kind of [MASK].", "Every {w} is a [MASK].", "{a} {w} or another [MASK]."]


def choices(draw):
    """Causes and effects, each with three wrong ones beside it."""
    rows = {}
    while len(rows) < 400:
        premise, question, options = cause(draw)
        right = options[0]
        draw.shuffle(options)
        row = {"premise": premise, "question": question, "options": options, "right": options.index(right)}
        rows[premise] = row
    write("causes.jsonl", rows.values())


def probes(draw):
    """As LAMA has them: a sentence with a mask, and the word that stands there."""
    rows = []
    for kind, words in KINDS.items():
        for word in words.split(" "):
            article = "an" if word[0] in "aeiou" else "a"
            for frame in FRAMES:
                sentence = frame.format(a=article, w=word)
                rows.append({"masked_sentences": [sentence], "sub_label": word, "obj_label": kind})
    draw.shuffle(rows)
    write("probes.jsonl", rows)
    (HERE / "common.txt").write_text("".join(f"{kind}\n" for kind in sorted(KINDS)))


def bookings(draw):
    """Slots in columns, a word and its tag a line, as CoNLL has them."""
    ways = [
        "a table for {people} on {date} at {time} please", "can {first} {last} have a table at {time} on {date} ?",
        "we are {people} and come on {date}", "the name is {first} {last} , for {people} at {time}",
        "{date} at {time} would be fine", "book it for {first} {last} , {people} of us , {date}",
    ]
    slots = {
        "people": ["two", "three", "four", "five", "six", "7", "8", "ten"],
        "date": [d.lower() for d in DAYS] + ["next monday", "the third of may", "tomorrow", "this friday"],
        "time": ["7 pm", "half past eight", "noon", "18:30", "nine", "6 o'clock"],
        "first": [p.lower() for p in PEOPLE], "last": ["miller", "smith", "brown", "clark", "hill", "wood", "green"],
    }
    texts = []
    for _ in range(400):
        rows = []
        for part in draw.choice(ways).split(" "):
            slot = re.fullmatch(r"\{(\w+)\}", part)
            if not slot:
                rows.append(f"{part}\tO")
                continue
            words = draw.choice(slots[slot[1]]).split(" ")
            rows += [f"{w}\t{'I' if i else 'B'}-{slot[1]}" for i, w in enumerate(words)]
        texts.append("\n".join(rows))
    (HERE / "bookings.conll").write_text("\n\n".join(texts) + "\n")


def questions(draw):
    """SQuAD's JSON: sales, and what is asked about them."""
    paragraphs = []
    for i in range(250):
        s = sale(draw)
        context = f"{told(s, draw.randrange(3))} It was {draw.choice(['cold', 'warm', 'wet', 'windy'])} that day."
        asked = {
            "Who sold something?": s["seller"], "Who bought something?": s["buyer"], "Where was it?": s["place"],
            "On which day was it?": s["day"], f"How many {s['goods']} were there?": str(s["count"]),
        }
        qas = [
            {"id": f"{i}-{k}", "question": q, "answers": [{"text": a, "answer_start": context.index(a)}]}
            for k, (q, a) in enumerate(draw.sample(sorted(asked.items()), 2))
        ]
        paragraphs.append({"context": context, "qas": qas})
    data = [{"title": f"Market {n}", "paragraphs": paragraphs[n::5]} for n in range(5)]
    (HERE / "market-questions.json").write_text(json.dumps({"version": "1.1", "data": data}) + "\n")


def weather(draw):
    """Records and the texts that tell them, two references each."""
    rows = []
    skies, winds = ["sun", "rain", "fog", "snow", "clouds"], ["weak", "fresh", "strong"]
    for _ in range(300):
        w = {"city": draw.choice(PLACES), "day": draw.choice(DAYS), "sky": draw.choice(skies),
             "wind": draw.choice(winds), "high": draw.randint(-5, 30)}
        rows.append({"record": " | ".join(f"{k} : {v}" for k, v in w.items()), "texts": [
            "{city} has {sky} and a {wind} wind on {day}, with {high} degrees.".format(**w),
            "On {day} there is {sky} in {city}, {high} degrees and a {wind} wind.".format(**w),
        ]})
    write("weather.jsonl", rows)


def agreement(draw):
    """Two reports of a sale, and how many of five facts they share."""
    rows = []
    for _ in range(400):
        first = sale(draw)
        second, changed = dict(first), draw.sample(["seller", "count", "goods", "place", "day"], draw.randint(0, 5))
        for key in changed:
            values = {"seller": [p for p in PEOPLE if p != first["buyer"]], "count": range(2, 61), "goods": GOODS,
                      "place": PLACES, "day": DAYS}[key]
            second[key] = other(draw, list(values), first[key])
        rows.append({"one": told(first), "two": told(second, draw.randrange(2)), "shared": 5 - len(changed)})
    write("reports.jsonl", rows)


def verses(path):
    """Ruth, Jonah and Esther, a verse a line."""
    text = gzip.open(path, "rt", encoding="utf8").read()
    found = re.findall(r"^(Ruth|Jonah|Esther) \d+:\d+: (.+)$", text, re.M)
    (HERE / "verses.txt").write_text("".join(re.sub(r"\s+", " ", v).strip() + "\n" for _, v in found))


# --- a folder as SuperGLUE's -----------------------------------------------------------------------------

CAUSES = [  # what happened to somebody, and what came of it
    ("{n} dropped the glass.", "{n} swept up the pieces."), ("{n} forgot the umbrella.", "{n} came home wet."),
    ("{n} was hungry.", "{n} ate a sandwich."), ("{n} overslept.", "{n} missed the train."),
    ("{n} found the room dark.", "{n} lit a lamp."), ("{n} heard a noise.", "{n} looked out of the window."),
    ("{n} drank old milk.", "{n} felt sick."), ("{n} studied for weeks.", "{n} passed the exam."),
    ("{n} had a flat tyre.", "{n} stopped the car."), ("{n} left the bread in the oven.", "{n} smelled smoke."),
    ("{n} lost the key.", "{n} waited at the door."), ("{n} walked in a strong wind.", "{n} held the hat tight."),
    ("{n} was tired.", "{n} fell asleep."), ("{n} found the shop closed.", "{n} went home without bread."),
    ("{n} heard a good joke.", "{n} laughed."), ("{n} filled the pot too full.", "{n} had to dry the stove."),
    ("{n} found the soup cold.", "{n} warmed the soup."), ("{n} broke the pencil.", "{n} sharpened the pencil."),
    ("{n} saw the first snow.", "{n} built a snowman."), ("{n} ran ten miles.", "{n} was out of breath."),
]


def cause(draw):
    """A premise, whether its cause or its effect is asked for, what is right, and three that are not."""
    name, question = draw.choice(PEOPLE), draw.choice(["cause", "effect"])
    at = int(question == "effect")
    pairs = [[text.format(n=name) for text in pair] for pair in draw.sample(CAUSES, 4)]
    return pairs[0][1 - at], question, [pair[at] for pair in pairs]


SENSES = {
    "bank": [["He sat on the bank of the river.", "The bank was green with grass.", "Fish hid under the bank."],
             ["She paid the money into the bank.", "The bank lends at five percent.", "The bank closes at four."]],
    "bat": [["A bat flew out of the cave.", "The bat sleeps by day.", "A bat finds moths by sound."],
            ["He swung the bat at the ball.", "Her bat is made of ash.", "The bat broke in his hands."]],
    "bark": [["The bark of the oak is thick.", "Beetles live under the bark.", "She peeled the bark off the log."],
             ["The bark of the dog woke us.", "I heard a loud bark.", "Its bark is worse than its bite."]],
    "spring": [["Flowers open in spring.", "Spring follows winter.", "Last spring was wet."],
               ["The spring of the clock is broken.", "A spring pushes the door shut.",
                "The spring was made of steel."]],
    "ring": [["She wears a ring of gold.", "The ring was too small for his finger.", "He lost his ring in the sea."],
             ["The ring of the phone was loud.", "We heard the ring of a bell.", "Give me a ring tonight."]],
    "match": [["He lit the fire with a match.", "The match was damp.", "One match was left in the box."],
              ["They won the match by two goals.", "The match began at three.", "Rain ended the match."]],
    "seal": [["A seal lay on the rocks.", "The seal ate a herring.", "We saw a seal in the bay."],
             ["The letter had a red seal.", "The king set his seal on it.", "The seal was of wax."]],
    "note": [["She left a note on the table.", "The note said where he was.", "He wrote a short note."],
             ["The singer held the note.", "That note was too high.", "The first note is a C."]],
    "port": [["The ship came into port.", "The port was full of boats.", "Trucks wait at the port."],
             ["He drank a glass of port.", "The port was sweet.", "Port is made of grapes."]],
    "palm": [["A palm grew by the sea.", "Coconuts fell from the palm.", "The palm gave some shade."],
             ["The coin lay in her palm.", "He cut the palm of his hand.", "She read my palm."]],
}
REFERENCES = [  # the pronoun means the first, or the second
    ("{a} thanked {b} because {p} had got help .", 0), ("{a} thanked {b} because {p} had given help .", 1),
    ("{a} asked {b} the way , but {p} did not know it .", 1), ("{a} asked {b} the way , since {p} was lost .", 0),
    ("{a} lent {b} a coat , for {p} was cold .", 1), ("{a} lent {b} a coat , for {p} had two .", 0),
]
WOMEN, MEN = "Anna Clara Emma Grace Ida Kate Mary Olga".split(), "Ben David Frank Henry Jack Leo Noah Paul".split()


def boolq(draw):
    s = sale(draw)
    label = draw.random() < 0.5
    goods = s["goods"] if label else other(draw, GOODS, s["goods"])
    return {"question": f"did {s['buyer'].lower()} buy {goods}", "passage": told(s, draw.randrange(3)), "label": label}


def entailed(draw, labels):
    s = sale(draw)
    label = draw.choice(labels)
    if label == "entailment":
        hypothesis = f"{s['buyer']} bought {s['goods']} in {s['place']}."
    elif label == "neutral" or (label == "not_entailment" and draw.random() < 0.5):
        hypothesis = f"{s['buyer']} likes {s['goods']}."
    else:
        hypothesis = f"{s['buyer']} bought {other(draw, GOODS, s['goods'])} in {s['place']}."
    return {"premise": told(s, draw.randrange(3)), "hypothesis": hypothesis, "label": label}


def copa(draw):
    premise, question, (right, wrong, *_) = cause(draw)
    label = draw.randrange(2)
    one, two = (wrong, right) if label else (right, wrong)
    return {"premise": premise, "choice1": one, "choice2": two, "question": question, "label": label}


def multirc(draw, i):
    s = sale(draw)
    answers = [(s["place"], 1), (other(draw, PLACES, s["place"]), 0), (f"In {s['place']}", 1)]
    whose = [(s["buyer"], 1), (s["seller"], 0)]
    questions = [
        {"idx": k, "question": q, "answers": [{"text": t, "label": l, "idx": n} for n, (t, l) in enumerate(own)]}
        for k, (q, own) in enumerate([("Where was the sale?", answers), ("Who bought something?", whose)])
    ]
    return {"idx": i, "version": 1.1, "passage": {"text": told(s, draw.randrange(3)), "questions": questions}}


def record(draw, i):
    s = sale(draw)
    text = told(s, draw.randrange(3))
    spans = [{"start": text.index(s[k]), "end": text.index(s[k]) + len(s[k]) - 1} for k in ("seller", "buyer", "place")]
    query, right = draw.choice([("@placeholder was paid.", "seller"), ("@placeholder has the {goods} now.", "buyer"),
                                ("There is a market in @placeholder.", "place")])
    at = text.index(s[right])
    answers = [{"start": at, "end": at + len(s[right]) - 1, "text": s[right]}]
    return {"idx": i, "source": "own", "passage": {"text": text, "entities": spans},
            "qas": [{"idx": i, "query": query.format(**s), "answers": answers}]}


def wic(draw):
    word = draw.choice(sorted(SENSES))
    label = draw.random() < 0.5
    first, second = (draw.sample(draw.choice(SENSES[word]), 2) if label
                     else [draw.choice(own) for own in draw.sample(SENSES[word], 2)])
    return {"word": word, "sentence1": first, "sentence2": second, "label": label}


def wsc(draw):
    names, pronoun = draw.choice([(WOMEN, "she"), (MEN, "he")])
    a, b = draw.sample(names, 2)
    template, means = draw.choice(REFERENCES)
    text = template.format(a=a, b=b, p=pronoun)
    words = text.split(" ")
    said = draw.randrange(2)
    name = (a, b)[said]
    target = {"span1_text": name, "span1_index": words.index(name),
              "span2_text": pronoun, "span2_index": words.index(pronoun)}
    return {"text": text, "target": target, "label": said == means}


def superglue(draw):
    makers = {
        "boolq": lambda i: boolq(draw), "cb": lambda i: entailed(draw, ["contradiction", "entailment", "neutral"]),
        "copa": lambda i: copa(draw), "multirc": lambda i: multirc(draw, i), "record": lambda i: record(draw, i),
        "rte": lambda i: entailed(draw, ["entailment", "not_entailment"]), "wic": lambda i: wic(draw),
        "wsc": lambda i: wsc(draw),
    }
    for name, make in makers.items():
        rows, seen = [], set()
        while len(rows) < 150:
            row = make(len(rows))
            key = row["text"] if name == "wsc" else row["premise"] if name == "copa" else json.dumps({**row, "idx": 0})
            if key not in seen:
                rows.append({**row, "idx": len(rows)})
            seen.add(key)
        write(f"superglue/{name}/train.jsonl", rows[:110])
        write(f"superglue/{name}/val.jsonl", rows[110:])


if __name__ == "__main__":
    for seed, make in enumerate([choices, probes, bookings, questions, weather, agreement, superglue]):
        make(random.Random(seed))
    verses(sys.argv[1])
