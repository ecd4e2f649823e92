import './view/symbol-dispose.js';
import { SendView } from './view/send-view.js';

new SendView().start();
