import { startApp } from './app.ts';
import { keepOffline } from './offline/register.ts';

startApp();
keepOffline();
