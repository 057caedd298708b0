/** The player: `import './player'` starts it. */
import { slots } from '../layout/slots';
import { registerPlayer } from './interface';
import { PlayerBar } from './PlayerBar';
import './player.css';
import { startPlayer } from './start';

registerPlayer(startPlayer());
slots.playerBar.value = PlayerBar;
