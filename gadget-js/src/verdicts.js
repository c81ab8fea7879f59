/** Verdicts are kept in the browser until they have arrived or never will. No names. */
/* global mw */
'use strict';

const KEY = 'suggest-depicts-verdicts';
const MOST = 20;
/** In seconds; a token is good no longer. */
const LONGEST = 604800;
/** What the service says of those that it will never take. */
const FINAL = [ 'token-expired', 'token-invalid', 'bad-request' ];

const seconds = () => Math.floor( Date.now() / 1000 );

/** Read anew each time: another tab may have written. */
function kept() {
	const found = mw.storage.getObject( KEY );
	return ( Array.isArray( found ) ? found : [] )
		.filter( ( one ) => one && one.token && one.at > seconds() - LONGEST );
}

/** Whether the browser has taken them. */
function keep( entries ) {
	return mw.storage.setObject( KEY, entries.slice( -MOST ), LONGEST );
}

/** true; false where they never will arrive, null where they are kept. Never rejects. */
function deliver( service, entry ) {
	const own = JSON.stringify( entry );
	return service.decide( entry.mid, entry.token, entry.decisions ).then( () => true,
		( { problem } ) => FINAL.includes( problem ) ? false : null
	).then( ( arrived ) => {
		if ( arrived !== null ) {
			keep( kept().filter( ( one ) => JSON.stringify( one ) !== own ) );
		}
		return arrived;
	} );
}

/** As deliver(), and false too where the browser keeps nothing. */
function handIn( service, { mid, token, decisions } ) {
	const own = { mid, token, decisions, at: seconds() };
	// before they are sent: the page may be closed at any moment
	const keeps = keep( kept().concat( own ) );
	return deliver( service, own )
		.then( ( arrived ) => arrived === null && !keeps ? false : arrived );
}

/** Hand in what was kept, one by one until the service fails again; never rejects. */
function retry( service ) {
	return kept().reduce( ( before, entry ) => before.then(
		( arrived ) => arrived === null ? null : deliver( service, entry )
	), Promise.resolve( true ) );
}

module.exports = { handIn, retry };
