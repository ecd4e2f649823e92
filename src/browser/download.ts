import './view/symbol-dispose.js';
import { DownloadView } from './view/download-view.js';

new DownloadView().start();
