import { testScreens } from '../support/test-screens.ts';

// Every view as a person sees it, kept as text in test/screens/kept. A change of a screen shows as a diff there;
// `npm run screens` writes them anew.
testScreens(80, 24);
