/** Parts of the page that register themselves when it starts: one import each. */
import './player';
