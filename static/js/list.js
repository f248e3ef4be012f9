/**
 * Starts the list of showtimes.
 * @module
 */

import { createApi } from './live/api.js';
import { pageTimers } from './live/timers.js';
import { openListPage } from './view/list-page.js';

openListPage(createApi({ fetch: window.fetch.bind(window), timers: pageTimers(window) }), location.search);
