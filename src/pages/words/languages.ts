/* Every language of the pages, by the tag that browsers ask for. */
export { de } from './de.js';
export { en } from './en.js';
export { es } from './es.js';
