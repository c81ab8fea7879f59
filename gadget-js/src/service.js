/**
 * The suggestion service over HTTP. Knows neither mw nor the page; sends the file's id, item ids,
 * a language, and verdicts with their token and revision: no name, no cookie, no referrer.
 *
 * Failures are { code, detail, retryAfter }: "unreachable", "timeout", "garbage", "limited", or
 * "down" with the service's own words.
 */
'use strict';

const TIMEOUT_MS = 10000;
/** A file that nobody has looked at is asked for again, this often and this long at the most. */
const MOST_TRIES = 4;
const LONGEST_WAIT_S = 60;
/** The service takes no more. */
const MOST_ITEMS = 500;

const OUTCOMES = [ 'suggested', 'nothing', 'skipped', 'failed' ];
const ITEM = /^Q[1-9][0-9]*$/;

function failure( code, detail, retryAfter ) {
	return { code: code, detail: detail || '', retryAfter: retryAfter || 0 };
}

function isSuggestion( one ) {
	return !!one && ITEM.test( one.item ) && typeof one.label === 'string' &&
		one.confidence >= 0 && one.confidence <= 1 && Array.isArray( one.reasons ) &&
		one.reasons.every( ( reason ) => typeof reason === 'string' );
}

function isAnswer( body ) {
	return !!body && OUTCOMES.indexOf( body.outcome ) >= 0 && Array.isArray( body.suggestions ) &&
		body.suggestions.every( isSuggestion ) &&
		( body.outcome !== 'suggested' || body.suggestions.length > 0 );
}

function seconds( response ) {
	return Math.max( 0, Number( response.headers.get( 'Retry-After' ) ) || 0 );
}

/** What a status of 400 and above means; the body is a problem of RFC 9457, if all is well. */
function refused( response, body ) {
	const detail = body && typeof body.detail === 'string' ? body.detail :
		'HTTP ' + response.status;
	return response.status === 429 ?
		failure( 'limited', detail, seconds( response ) || 60 ) :
		failure( 'down', detail, seconds( response ) );
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
		return ask( base + '/api/v1/files/' + path, all ).then(
			( response ) => response.json().then(
				( body ) => ( { response: response, body: body } ),
				() => {
					if ( abort.signal.aborted ) {
						throw failure( 'timeout' );
					}
					return { response: response, body: null };
				}
			),
			() => {
				throw failure( abort.signal.aborted ? 'timeout' : 'unreachable' );
			}
		).then( ( answer ) => {
			clearTimeout( timer );
			if ( answer.response.status >= 400 ) {
				throw refused( answer.response, answer.body );
			}
			return answer;
		}, ( error ) => {
			clearTimeout( timer );
			throw error;
		} );
	}

	/** Ask; while the file waits in the queue, ask again when told to. */
	function inquire( path, watch, tries, waited ) {
		return request( path ).then( ( answer ) => {
			if ( answer.response.status !== 202 ) {
				if ( !isAnswer( answer.body ) ) {
					throw failure( 'garbage' );
				}
				return answer.body;
			}
			const place = answer.body && answer.body.position || 1;
			const pause = Math.max( 1, seconds( answer.response ) );
			if ( tries + 1 >= MOST_TRIES || waited + pause > LONGEST_WAIT_S || watch.stopped() ) {
				return { outcome: 'pending', position: place, suggestions: [] };
			}
			watch.waiting( place, pause );
			return wait( pause ).then( () => watch.stopped() ?
				{ outcome: 'pending', position: place, suggestions: [] } :
				inquire( path, watch, tries + 1, waited + pause ) );
		} );
	}

	return {
		/**
		 * What is known about a file.
		 *
		 * @param {string} mid
		 * @param {{language: string, have: string[]}} wanted have: items that the file names.
		 * @param {{waiting: Function, stopped: Function}} watch waiting( place, seconds ) is told
		 *  of each pause; stopped() says that nobody is interested any more.
		 * @return {Promise<Object>} The service's answer, its shape checked; or outcome "pending"
		 *  with a position.
		 */
		suggestions: ( mid, wanted, watch ) => inquire( mid + '/suggestions?lang=' +
			encodeURIComponent( wanted.language ) + '&have=' +
			encodeURIComponent( wanted.have.slice( 0, MOST_ITEMS ).join( '|' ) ), watch, 0, 0 ),

		/**
		 * Hand in verdicts.
		 *
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
