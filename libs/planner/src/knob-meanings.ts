import type { Method, MethodName } from '#contracts/method.js';

const all = {
  stage:
    'What the trial does. `tune`: a method on a task (absent: this). `pretrain` or `adapt`: a backbone. `evaluate`: ask what another has tuned.',
  seed: 'Seeds initialisation, the order of examples and dropout; cells that differ in it alone are replicates.',
  checkpoints: 'Steps at which the weights are kept; absent: the last step.',
  backbone: 'The model that the method adapts.',
  task: 'The data and what is asked of it.',
  method: 'What is trained.',
  training: 'How it is trained.',
  from: 'Another trial of the same method and backbone whose parameters this one starts from; null: none.',
  pretrain: 'Pretraining, as in `backbone.pretrain`.',
  adapt: 'LM adaptation, as in `backbone.adapt`.',

  'backbone.name':
    'A backbone that peftgrid knows by name. Exactly one of name, folder and pretrain is given.',
  'backbone.folder': 'A folder in Hugging Face layout: config.json, safetensors, tokenizer.json.',
  'backbone.pretrain': 'Weights that a pretraining trial makes first.',
  'backbone.adapt': 'LM adaptation that is done first (Lester et al. 2021 §3.1).',
  'backbone.adapt.corpus': 'The text to adapt on.',
  'backbone.adapt.steps':
    'Optimizer steps; 0: the backbone as it is. One run serves all step counts of a grid.',
  'backbone.adapt.batch': 'Sequences in a step.',
  'backbone.adapt.length': 'Input tokens of a sequence.',
  'backbone.adapt.optimizer': 'As `training.optimizer`.',
  'backbone.adapt.schedule': 'Constant, with `warmup` steps, so that one run serves all step counts.',
  'backbone.adapt.precision': 'As `training.precision`.',
  'backbone.adapt.clipNorm': 'The global norm that gradients are cut to; null: no cut.',
  'backbone.adapt.seed': 'Seeds the order of the text.',
  'backbone.pretrain.size':
    'The size of a T5 v1.1, a GPT-2 or a LLaMA; a decoder learns to predict each token of packed text.',
  'backbone.pretrain.tokenizer': 'A backbone whose tokenizer is used, or a folder with tokenizer.json.',
  'backbone.pretrain.noiseDensity': 'T5: share of tokens that are corrupted (Raffel et al. 2020 §3.1.4).',
  'backbone.pretrain.meanSpan': 'T5: mean length of a corrupted span, in tokens.',
  'backbone.pretrain.corpus': 'The text to pretrain on.',
  'backbone.pretrain.steps': 'Optimizer steps.',
  'backbone.pretrain.batch': 'Sequences in a step.',
  'backbone.pretrain.length': 'Input tokens of a sequence.',
  'backbone.pretrain.optimizer': 'As `training.optimizer`.',
  'backbone.pretrain.schedule': 'As `training.schedule`.',
  'backbone.pretrain.precision': 'As `training.precision`.',
  'backbone.pretrain.clipNorm': 'The global norm that gradients are cut to; null: no cut.',
  'backbone.pretrain.seed': 'Seeds the weights and the order of the text.',
  'backbone.pretrain.size.family': 'The family of the model.',
  'backbone.pretrain.size.dModel': 'Width of the hidden states.',
  'backbone.pretrain.size.dKv': 'Width of keys and values of a head.',
  'backbone.pretrain.size.dFf': 'Width within the feed-forward layers; null: four times dModel.',
  'backbone.pretrain.size.layers': 'Layers; of a T5 those of the encoder.',
  'backbone.pretrain.size.decoderLayers': 'Layers of the decoder; null: as many as the encoder has.',
  'backbone.pretrain.size.positions': 'Tokens of the longest text that it can read.',
  'backbone.pretrain.size.kvHeads':
    'Heads of keys and values, each shared by several of queries; null: as many as heads.',
  'backbone.pretrain.size.heads': 'Attention heads of a layer.',
  'backbone.pretrain.size.tiedHead': 'Whether the embeddings are the output weights too.',
  'corpus.sources': 'Texts that come along, or files of yours with one document a line.',

  'task.train': 'Examples taken from the training split; null: all.',
  budget:
    "Share of the backbone's parameters that the method may train: its size (rank, length, bottleneck) is the largest within it.",
  'task.draw':
    'Which of the subsets of `train` examples is trained on; draws are replicates, apart from the seed. Each draw has subsets within larger ones.',
  'task.validation': 'Examples taken from the validation split; null: all.',
  'task.test': 'Examples taken from the test split; null: all.',
  'task.sentinel':
    'T5: whether what is written begins with the sentinel `<extra_id_0>`, as in span corruption (Lester et al. 2021 §3.2).',
  'task.maxLength': 'Tokens of the input that are kept, special ones included.',
  'task.answer': 'How the task is answered; answers.md says it for every kind and family.',
  'task.answer.by':
    "By a head on the model's states, by how likely it finds the words of each answer, or by what it writes. null: by the method's own head where it has one, else as the kind is answered.",
  'task.answer.maxTokens':
    'Tokens that are written at most, the end among them. References are cut there too. null: 64 of a text, else four more than the longest label word or choice has.',
  'task.answer.minTokens': 'Tokens that are written before the end may come.',
  'task.answer.beams': 'Texts that are followed at once; 1: the likeliest token each time.',
  'task.answer.lengthPenalty': 'Beams: a text scores sum(log p) / length^lengthPenalty.',
  'task.answer.noRepeatNgram': 'No sequence of so many tokens is written twice; 0: no rule.',
  'task.answer.topP':
    'Tokens are drawn from the fewest that hold so much probability (Holtzman et al. 2020); null: none is drawn.',
  'task.answer.temperature': 'What logits are divided by before a draw.',
  'task.answer.seed': 'The seed of the draws.',
  'task.path': 'The training file, or the only file; counted from the grid file.',
  'task.validationPath': 'The validation file; null: cut from the training file by a fixed hash.',
  'task.testPath': 'The test file; null: cut from the training file by a fixed hash.',
  'task.input':
    'A template over the columns, `question: {q} context: {answers.text}`, or the two of a pair of sentences.',
  'task.label': 'The column that holds the label.',
  'file choice.label': 'The column that says which choice is right: by its number, or by its text.',
  'task.choices': 'The column that lists the choices, or a column for each.',
  'task.firstLabel': 'The number of the first choice.',
  'task.context': 'The column of the text that answers.',
  'task.question': 'The column of the question.',
  'task.answers': 'The column of the answers: texts, or `{ text, answer_start }`; empty: there is none.',
  'file cloze.input':
    'A template over the columns with one `{mask}`, or a column whose text has one `[MASK]`.',
  'task.word': 'The column of the word that stands at the mask.',
  'task.candidates': 'The words that may stand there: a list, or the column that lists them; null: any word.',
  'task.vocabularyPath':
    'A text file with a word a line: the words that may stand at any mask. Rows of other words are left out.',
  'task.value': 'The column of the number.',
  'task.references': 'The columns of the texts that may be written; a value may be a list of texts.',
  'task.joinEqual':
    'Whether validation and test rows of equal input are one example with all their references.',
  'task.metrics': 'What is measured; the first chooses checkpoints; null: loss, BLEU and ROUGE-L.',
  'file language.files':
    'Which text files of a folder are read, such as `"*.txt"` or `["*.txt", "*/*.txt"]`; the paths then name folders. null: they name files.',
  'task.wholeFiles':
    'Of a folder: all documents of a file stay in one split, by the hash of its path there; false: each document by its own hash.',
  'task.documents': 'What one document is: a line, a paragraph between blank lines, or the whole file.',
  'task.labelWords': 'How each label is called in words; null: the labels themselves.',
  'task.groupBy': 'Rows with the same value of this column stay in one split; null: rows are apart.',
  'task.quote': 'What quotes a value; empty: nothing does; null: a double quote in .csv, nothing in .tsv.',
  'task.selectOn': "What chooses checkpoints: FewGLUE's `dev32.jsonl`, or a tenth of the training file.",
  'superglue.input': "T5's one text, or the two sentences of a pair.",
  'task.dataset': 'The dataset of SuperGLUE.',
  'glue.dataset': 'The dataset of GLUE.',
  'glue.path': 'The folder that holds `CoLA/train.tsv`, or `cola/train.jsonl`.',
  'task.format': "TSV as published, or JSON lines with the fields of Hugging Face's copy.",
  'glue.input': "T5's one text, or the two sentences of a pair.",
  'superglue.path': 'The folder that holds `<dataset>/train.jsonl`.',
  'task.words': 'JSONL: the field that holds the words.',
  'task.tags': 'JSONL: the field that holds the tags.',
  'task.wordColumn': "Files of columns: the words' column, from 0.",
  'task.tagColumn': "Files of columns: the tags' column, from 0; -1: the last.",
  'task.scheme':
    'spans: B-, I- and O tags, scored by whole spans; plain: each tag alone; null: spans where all tags are such.',
  'e2e.path': 'The training file, or the folder of a release.',
  'task.release':
    'Of a folder: the release whose file names it has, `train-fixed.no-ol.csv` or `trainset.csv` and the others.',
  'task.meaning': 'The column of the meaning; `orig_mr` of cleaned files: as it was before it was cleaned.',
  'e2e.input': 'The meaning as `name : Aromi | Type : pub` (Li & Liang 2021), or as the file has it.',
  'e2e.trainOn':
    'What a training example is, as `task.train` counts them: a text with its meaning, or a meaning with all its texts, of which each epoch trains on one, in turn.',
  'e2e.rerank':
    'Which of the beams is the answer; `slotErrors`: the one with the fewest slot errors, the likelier where several have as few (Dušek & Jurčíček 2016 §4); null: the likeliest.',
  'e2e.metrics': "What is measured; the first chooses checkpoints; null: loss and all of E2E's.",
  'webnlg.path': 'The folder of the release, with train, dev and test.',
  'webnlg.metrics': "What is measured; the first chooses checkpoints; null: loss and all of WebNLG's.",
  'dart.metrics': "What is measured; the first chooses checkpoints; null: loss and DART's.",
  'dart.references': 'Texts that a validation or test example is held against, the first of each; null: all.',
  'semantic-roles.format':
    'Which columns there are; plain: the word, the predicate or `-`, and a column of roles for each predicate.',
  'restaurant8k-questions.path': 'The folder with train_0.json and test.json.',
  'wordnet-hypernyms.template': 'The probe; `{word}` is the noun with its article.',
  'wordnet-hypernyms.atLeast': 'Hypernyms that are right for so many nouns at least.',
  'restaurant8k.path': 'The folder with train_0.json and test.json.',
  'task.subset': 'The training file.',
  'task.requestedSlots': 'Whether the slots that the system asked for stand in front of the text.',
  'task.tasks': 'The tasks that are trained at once, by a name of yours; their knobs are those above.',
  'task.mixing': "How often a task's examples come: in proportion to their number, or equally.",
  'task.limit': 'proportional: the most examples that a task counts for; null: no limit.',
  'task.temperature': 'proportional: shares are raised to the power of its inverse.',

  'method.length': 'Virtual tokens.',
  'p-tuning.length': 'Pseudo tokens.',
  'method.init': 'What the prompt starts from: U[-0.5, 0.5], U[0, 0.5), sampled tokens, or the label words.',
  'method.place': 'Whether the decoder has a prompt of its own too.',
  'method.targets': 'Ends of the names of the linear maps that are adapted; null: queries and values.',
  'qlora.targets': 'Ends of the names of the linear maps that are adapted; null: all.',
  'adalora.targets': 'Ends of the names of the linear maps that are adapted; null: all.',
  'ia3.targets':
    'Ends of the names of the maps whose results are scaled; null: keys, values and the feed-forward layer.',
  'method.rank': 'Rank of the update.',
  'adalora.rank': "Rank of each map's update at first.",
  'method.alpha': 'The update is scaled by alpha / rank.',
  'adalora.alpha': 'The update is scaled by alpha / rank; null: not at all.',
  'method.rsLora': 'Whether the scale is alpha / sqrt(rank) (Kalajdzievski 2023).',
  'method.dropout': 'Share of what the update reads that is dropped while training.',
  'prefix-tuning.dropout': "Share of the prefix's keys and values that is dropped while training.",
  'p-tuning-v2.dropout': "Share of the prompts' keys and values that is dropped while training.",
  'vera.rank': 'Rank of the shared projections.',
  'method.dInitial': 'Where the vector between the projections begins; the one behind them begins as zero.',
  'method.projectionKey': "What the projections are drawn from, as by peft's projection_prng_key.",
  'method.doubleQuantisation': 'Whether the scales of blocks are kept in 8 bits too.',
  'method.targetRank': "Rank of each map's update at the end, on average.",
  'method.warmup': 'Steps before the budget shrinks.',
  'method.final': 'Steps at the end with a settled budget.',
  'method.every': 'Steps between two allocations of the budget.',
  'method.beta1': "Decay of the importance's running mean.",
  'method.beta2': "Decay of the uncertainty's running mean.",
  'method.orthogonality': 'Weight of the orthogonality penalty.',
  'method.parts': 'The parts that are trained together.',
  'method.gates': 'Whether each part has a gate.',
  'method.hidden': 'Width of the MLP that the prefix is trained through; null: none.',
  'p-tuning.hidden': "Width of the encoder; null: the model's.",
  'method.bottleneck': 'Width of the adapter.',
  'top-layers.layers': 'Layers that are trained, from the last.',
  'method.encoder': 'What makes the pseudo tokens.',
  'method.form': "Width of an LSTM's direction: hidden / 2 as in the paper, or hidden as in peft.",
  'method.template':
    "Words around `{text}`, with pseudo tokens at `{prompt}` or `{prompt:3}` and the label's place at `{mask}`; null: pseudo tokens, then the text.",
  'method.modelRate': "The language model's learning rate over the prompt's; 0: frozen.",
  'method.terms': 'Ends of the names of the modules whose biases are trained; null: all.',
  'method.kind':
    'Where the adapters stand: Houlsby et al. 2019, Pfeiffer et al. 2021, or parallel (He et al. 2022).',
  'method.activation': "The adapter's activation.",
  'method.scale': "Factor on the adapter's output.",
  'method.initStd': "Standard deviation of the adapter's first weights.",
  'method.trainNorms': 'Whether LayerNorms are trained too; null: for houlsby only.',
  'method.places': "The attentions that get a prefix; null: all of the model's.",
  'prefix-tuning.init': 'random, or what the frozen model makes of `words`.',
  'method.words': 'Words for `init: real-words`, repeated or cut to the length; null: the label words.',
  'method.position': 'prefix: before the text; infix: between the text and what is written after it.',
  'method.depth': "all layers have virtual tokens, or the first one's input only.",
  'method.relativePositions':
    'T5, MPNet: whether the prefix stands in front of the text for relative positions.',
  'p-tuning-v2.layers': 'First and last layer with prompts, from 0; null: all.',
  'method.classifier': "Whether a linear head answers; false: the task's own label words.",

  'training.steps': 'Optimizer steps.',
  'training.batch': 'Examples in one forward pass.',
  'training.accumulation': 'Forward passes that are summed into one optimizer step.',
  'training.optimizer': 'The optimizer; see below.',
  'training.schedule': "The learning rate's course; see below.",
  'training.precision':
    'What matrix products read: `bfloat16` is faster where the processor has it (`engine doctor` says), and keeps frozen weights in half the memory.',
  'training.clipNorm': 'The global norm that gradients are cut to; null: no cut.',
  'training.dropout':
    "Share of the backbone's own values that is dropped while training, at the places where transformers drops; 0: none.",
  'training.labelSmoothing':
    'Share of the target that all classes, or all tokens, have between them, as in PyTorch; 0: none. Of training alone.',
  'training.selectBy':
    "The validation metric that chooses checkpoints and that patience waits for, in its own direction; null: the task's own.",
  'training.evaluateEvery': 'Steps between validations; null: once, at the end.',
  'training.patience':
    'Validations without improvement before training stops; needs evaluateEvery; null: never.',
  'training.checkpointEvery': 'Steps between resume states; null: chosen by time.',
  'training.optimizer.learningRate': 'Learning rate.',
  'training.optimizer.beta1': 'Decay of the first moment.',
  'training.optimizer.beta2': 'Decay of the second moment.',
  'training.optimizer.epsilon': 'Added to the root of the second moment.',
  'training.optimizer.weightDecay': 'Decoupled weight decay.',
  'training.optimizer.parameterScaling': "Whether a step is multiplied by the parameter's root mean square.",
  'training.optimizer.decayRate': "The second moment's decay at step t is 1 - t^-decayRate.",
  'training.optimizer.clipThreshold': 'Root mean square that an update is cut to.',
  'training.optimizer.momentum': 'Momentum.',
  'training.schedule.name': 'Factor on the learning rate; linear and cosine end at 0 on the last step.',
  'training.schedule.warmup': 'Steps of linear warm-up from 0.',
  'from.task': 'The task of the trial before.',
  'from.training': "Its training; a knob that is not given is the cell's own.",
  'from.adapter':
    "A folder of Hugging Face peft's or of an export, or a prompt in a .npy or .safetensors file.",
  'from.seed': "Its seed; not given: the cell's own.",

  'none.template':
    "An encoder's words around `{text}`, with the label's place at `{mask}`; null: the text as it is.",
  'method.shots': 'Training examples in front of each text, with their answers.',
  'method.balanced': 'class: whether equally many examples have each label.',
  'method.order': "The seed of the examples' order; null: the trial's own, which draws them too.",
  'method.separator': 'What stands behind each example.',

  evaluate: 'What the finished trial is asked beside its own task, as a trial without a step; null: nothing.',
  'evaluate.task': "Another task; absent: the trial's own.",
  'evaluate.ensemble': 'Trials of several seeds that answer together (Lester et al. 2021 §6).',
  'evaluate.ensemble.seeds': 'The seeds of its members; absent: those of the axis `seed`.',
  'evaluate.ensemble.combine':
    '`vote`: the label that most members say, of even ones what the first of them says. `mean`: the likeliest by the mean of their probabilities.',
};

/** What each knob means, in one sentence with its unit: by its path, or by a variant's name where the variant
 *  differs. */
export const meanings: Readonly<Record<string, string>> = all;

/** The compiler names here a method's knob that has no sentence above. */
type Untold = {
  [N in MethodName]: Exclude<MethodKnob<N>, Told<'method'> | Told<N>> extends infer K extends string
    ? `${N}.${K}`
    : never;
}[MethodName];
type MethodKnob<N extends MethodName> = Exclude<keyof Extract<Method, { name: N }>, 'name'>;
type Told<Head extends string> = keyof typeof all extends infer K
  ? K extends `${Head}.${infer Knob}`
    ? Knob
    : never
  : never;
true satisfies [Untold] extends [never] ? true : Untold;
