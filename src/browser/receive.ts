import './view/symbol-dispose.js';
import { ReceiveView } from './view/receive-view.js';

new ReceiveView().start();
