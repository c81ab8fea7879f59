// "Suggest depicts" for a single account, on a wiki that has the gadget without offering it to them.
mw.loader.load( 'ext.gadget.suggest-depicts' );
