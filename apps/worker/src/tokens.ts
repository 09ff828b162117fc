/** What the worker's providers are injected as, in the order in which they open. */
export const ASKED = Symbol('asked'); // Asked
export const DATABASE = Symbol('database'); // Database, with this version's tables
export const RECORD = Symbol('record'); // StoreRecord: where the API keeps artifacts
export const FOLDERS = Symbol('folders'); // Folders
export const TRAINERS = Symbol('trainers'); // TrainerPool, warm
export const SERVICES = Symbol('services'); // WorkerServices
export const CANCELS = Symbol('cancels'); // hears that trials were cancelled
