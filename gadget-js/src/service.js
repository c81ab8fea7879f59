/**
 * The suggestion service over HTTP. Sends the file's id, item ids, a language, and verdicts with
 * their token and revision: no name, no cookie, no referrer.
 *
 * Failures are { code, detail, retryAfter }: "unreachable", "timeout", "garbage", "limited", or
 * "down" with the service's own words.
 */
'use strict';

const TIMEOUT_MS = 10000;
/** A file that nobody has looked at is asked for again this long at most. */
const LONGEST_WAIT_S = 60;

const MOST_ITEMS = 500;

const ITEM = /^Q[1-9][0-9]*$/;

function failure( code, detail, retryAfter ) {
	return { code: code, detail: detail || '', retryAfter: retryAfter || 0 };
}

function isText( value ) {
	return typeof value === 'string' && value !== '';
}

function isItem( one ) {
	return !!one && isText( one.item ) && ITEM.test( one.item ) && isText( one.label );
}

function isSuggestion( one ) {
	return isItem( one ) && typeof one.description === 'string' &&
		( one.kind === null || isItem( one.kind ) ) &&
		typeof one.confidence === 'number' && one.confidence >= 0 && one.confidence <= 1 &&
		Array.isArray( one.reasons ) && one.reasons.every( isText ) &&
		Array.isArray( one.more_specific_than ) && one.more_specific_than.every( isItem ) &&
		isText( one.url ) && /^https?:\/\//.test( one.url );
}

const hasReason = ( body ) => isText( body.reason );

/** What each outcome brings; of anything else nothing is shown. */
const BRINGS = {
	suggested: ( body ) => isText( body.token ) && isText( body.model_version ) &&
		body.suggestions.length > 0 &&
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
		( body.outcome === 'suggested' || !body.suggestions.length );
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
	const detail = body && isText( body.detail ) ? body.detail : 'HTTP ' + response.status;
	const limited = response.status === 429;
	return failure( limited ? 'limited' : 'down', detail, seconds( response ) || limited && 60 );
}

/**
 * @param {string} base Address of the service, without a final slash.
 * @param {Object} [parts] For tests: fetch, and wait( seconds ) → Promise.
 * @return {{suggestions: Function, decide: Function}}
 */
function client( base, parts ) {
	const ask = parts && parts.fetch || ( ( url, options ) => fetch( url, options ) );
	const wait = parts && parts.wait || ( ( time ) => new Promise( ( resolve ) => {
		setTimeout( resolve, time * 1000 );
	} ) );

	/** One request, with its answer read as JSON: { response, body }. */
	function request( path, options ) {
		const abort = new AbortController();
		const timer = setTimeout( () => abort.abort(), TIMEOUT_MS );
		const all = Object.assign( {
			credentials: 'omit', referrerPolicy: 'no-referrer', signal: abort.signal
		}, options );
		return ask( base + '/api/v1/files/' + path, all ).then( ( response ) => {
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

	/** Ask; while the file waits in the queue, ask again when told to. */
	function inquire( mid, query, watch, waited ) {
		return request( mid + query ).then( ( answer ) => {
			const body = answer.body && Object.assign( answer.body, {
				token: answer.response.headers.get( 'Decision-Token' )
			} );
			const waits = answer.response.status === 202;
			if ( !( waits ? isPending : isAnswer )( body, mid ) ) {
				throw failure( 'garbage' );
			}
			if ( !waits ) {
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
		 * @param {{language: string, have: string[]}} wanted have: items that the file names.
		 * @param {{waiting: Function, stopped: Function}} watch waiting( place, seconds ) is told
		 *  of each pause; stopped() says that nobody is interested any more.
		 * @return {Promise<Object>} The service's answer, its shape checked; or outcome "pending"
		 *  with a position.
		 */
		suggestions: ( mid, wanted, watch ) => inquire( mid, '/suggestions?lang=' +
			encodeURIComponent( wanted.language ) + '&have=' +
			encodeURIComponent( wanted.have.slice( 0, MOST_ITEMS ).join( '|' ) ), watch, 0 ),

		/**
		 * @param {string} mid
		 * @param {string} token As it came with the suggestions.
		 * @param {Object[]} decisions { item, verdict, revision? }
		 * @return {Promise<Object>}
		 */
		decide: ( mid, token, decisions ) => request( mid + '/decisions', {
			method: 'POST',
			// finishes even where the page is left at once
			keepalive: true,
			headers: { 'Content-Type': 'application/json' },
			body: JSON.stringify( { token: token, decisions: decisions } )
		} ).then( ( answer ) => answer.body )
	};
}

module.exports = { client };
