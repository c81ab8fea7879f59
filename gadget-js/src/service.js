/**
 * The suggestion service over HTTP. It is sent the file's id, item ids, a language, words to search
 * for, and verdicts with token and revision: no name, no cookie, no referrer.
 *
 * Failures are { code, detail, retryAfter, problem }: "unreachable", "timeout", "garbage",
 * "limited", "unknown" (no such thing), "down"; detail and problem: the service's words and code.
 */
'use strict';

const TIMEOUT_MS = 10000;
/** A file that waits is asked for again, ever more rarely, this long at most. */
const LONGEST_WAIT_S = 60;
/** The service takes no more. */
const MOST_ITEMS = 500;

function failure( code, detail, retryAfter, problem ) {
	return { code: code, detail: detail || '', retryAfter: retryAfter || 0, problem: problem || '' };
}

const is = ( value, like ) => typeof value === 'string' && like.test( value );
const isText = ( value ) => is( value, /[^]/ );
const isItem = ( one ) => !!one && isText( one.label ) && is( one.item, /^Q[1-9][0-9]*$/ );
const areAll = ( list, test ) => Array.isArray( list ) && list.every( test );

function isSuggestion( one ) {
	return isItem( one ) && typeof one.description === 'string' &&
		( one.kind === null || isItem( one.kind ) ) &&
		typeof one.confidence === 'number' && one.confidence >= 0 && one.confidence <= 1 &&
		areAll( one.reasons, isText ) && areAll( one.more_specific_than, isItem ) &&
		is( one.url, /^https?:\/\// );
}

const hasReason = ( body ) => isText( body.reason );

/** What each outcome brings. */
const BRINGS = {
	suggested: ( body ) => isText( body.token ) && isText( body.model_version ) &&
		body.suggestions.every( isSuggestion ) &&
		new Set( body.suggestions.map( ( one ) => one.item ) ).size === body.suggestions.length,
	nothing: hasReason,
	paused: hasReason,
	skipped: hasReason,
	failed: ( body ) => isText( body.error )
};

function isAnswer( body, mid ) {
	return !!body && body.mid === mid && Array.isArray( body.suggestions ) &&
		Object.keys( BRINGS ).includes( body.outcome ) && BRINGS[ body.outcome ]( body ) &&
		!!body.suggestions.length === ( body.outcome === 'suggested' );
}

function isPending( body, mid ) {
	return !!body && body.mid === mid && body.outcome === 'pending' &&
		typeof body.position === 'number' && body.position > 0;
}

function seconds( response ) {
	return Math.max( 0, Number( response.headers.get( 'Retry-After' ) ) || 0 );
}

/** What a status of 400 and above means; the body is a problem of RFC 9457. */
function refused( response, body ) {
	const status = response.status;
	const told = body || {};
	return failure( { 404: 'unknown', 429: 'limited' }[ status ] || 'down',
		isText( told.detail ) ? told.detail : 'HTTP ' + status,
		seconds( response ) || status === 429 && 60, told.code );
}

/**
 * @param {string} base Address of the service, without a final slash.
 * @param {Object} [parts] For tests: fetch; wait( seconds ).
 * @return {Object}
 */
function client( base, parts ) {
	const { fetch: ask, wait } = parts || {
		fetch: ( url, options ) => fetch( url, options ),
		wait: ( time ) => new Promise( ( resolve ) => {
			setTimeout( resolve, time * 1000 );
		} )
	};

	/** { response, body }, the body read as JSON. */
	function request( path, options ) {
		const abort = new AbortController();
		const timer = setTimeout( () => abort.abort(), TIMEOUT_MS );
		return ask( base + '/api/v1/' + path, Object.assign( {
			credentials: 'omit', referrerPolicy: 'no-referrer', signal: abort.signal
		}, options ) ).then( ( response ) => {
			const read = ( body ) => ( { response: response, body: body } );
			return response.json().then( read, () => read( null ) );
		} ).then( ( answer ) => {
			clearTimeout( timer );
			if ( abort.signal.aborted ) {
				throw failure( 'timeout' );
			}
			if ( answer.response.status >= 400 ) {
				throw refused( answer.response, answer.body );
			}
			return answer;
		}, () => {
			clearTimeout( timer );
			throw failure( abort.signal.aborted ? 'timeout' : 'unreachable' );
		} );
	}

	/** While the file waits in the queue, it is asked for again. */
	function inquire( mid, query, watch, waited ) {
		return request( 'files/' + mid + query ).then( ( answer ) => {
			const body = answer.body && Object.assign( answer.body, {
				token: answer.response.headers.get( 'Decision-Token' )
			} );
			const waits = answer.response.status === 202;
			if ( !( waits ? isPending : isAnswer )( body, mid ) ) {
				throw failure( 'garbage' );
			} else if ( !waits ) {
				return body;
			}
			const pending = { outcome: 'pending', position: body.position, suggestions: [] };
			const pause = Math.max( 1, seconds( answer.response ), Math.ceil( waited / 4 ) );
			if ( waited + pause > LONGEST_WAIT_S || watch.stopped() ) {
				return pending;
			}
			watch.waiting( body.position, pause );
			return wait( pause ).then( () => watch.stopped() ? pending :
				inquire( mid, query, watch, waited + pause ) );
		} );
	}

	return {
		/**
		 * @param {string} mid
		 * @param {{language: string, have: string[]}} wanted have: what the file names.
		 * @param {Object} watch waiting( place, seconds ): a pause; stopped(): nobody waits.
		 * @return {Promise<Object>} The answer; or "pending" with a position.
		 */
		suggestions: ( mid, wanted, watch ) => inquire( mid, '/suggestions?lang=' +
			encodeURIComponent( wanted.language ) + '&have=' +
			encodeURIComponent( wanted.have.slice( 0, MOST_ITEMS ).join( '|' ) ), watch, 0 ),

		/** decisions: [ { item, verdict, revision? } ] */
		decide: ( mid, token, decisions ) => request( 'files/' + mid + '/decisions', {
			method: 'POST',
			// finishes even where the page is left at once
			keepalive: true,
			headers: { 'Content-Type': 'application/json' },
			body: JSON.stringify( { token: token, decisions: decisions } )
		} ).then( ( answer ) => answer.body ),

		request: request
	};
}

module.exports = { client };
