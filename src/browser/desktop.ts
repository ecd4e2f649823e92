import { startDesktop } from './desktop/start-desktop.js';
import { element } from './view/element.js';

startDesktop(element('app', HTMLElement));
