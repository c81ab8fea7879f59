/**
 * The two things that happen: suggestions come, and picks are saved. Pure but for the clients.
 */
'use strict';

const claims = require( './claims.js' );
const saving = require( './saving.js' );

const TAG = 'suggest-depicts';

/**
 * Ask what the file may depict. The wiki is read first, so that nothing which the file says
 * already is offered.
 *
 * @param {{wiki: Object, service: Object}} clients
 * @param {Object} page As page.js has it.
 * @param {{waiting: Function, stopped: Function}} watch As service.js has it.
 * @return {Promise<Object>} The service's answer, and have: the items that the file named.
 *  Rejects as wiki.js or service.js do.
 */
function ask( clients, page, watch ) {
	return saving.readEntity( clients.wiki, page.mid ).then( ( entity ) => {
		const have = claims.depicted( entity );
		return inquire( clients, page, have, watch )
			.then( ( answer ) => Object.assign( {}, answer, { have: have } ) );
	} );
}

function inquire( clients, page, have, watch ) {
	return clients.service.suggestions( page.mid, { language: page.language, have: have }, watch );
}

/** What is suggested beside these items; asked once, and rejected where nobody can tell. */
function offered( clients, page, have ) {
	return inquire( clients, page, have, { stopped: () => true } ).then( ( answer ) => {
		if ( [ 'failed', 'paused', 'pending' ].includes( answer.outcome ) ) {
			throw answer;
		}
		return itemsOf( answer );
	} );
}

function itemsOf( answer ) {
	return answer.suggestions.map( ( one ) => one.item );
}

/**
 * What is told after a save: what was approved, with the revision where it is part of the edit;
 * what was only shown, a skip, not a "no"; of what was sent and is not there, nothing.
 *
 * @param {string[]} shown Items.
 * @param {Object} result As saving.save gives it.
 * @return {Object[]}
 */
function decisions( shown, result, verdicts ) {
	return shown.filter( ( item ) => result.fates[ item ] !== 'absent' ).map( ( item ) => {
		const said = verdicts && verdicts[ item ] || 'skipped';
		const told = { item: item, verdict: item in result.fates ? 'accepted' : said.replace( '_', '-' ) };
		return result.revision && result.written.includes( item ) ?
			Object.assign( told, { revision: result.revision } ) : told;
	} );
}

/** Whether the verdicts arrived, or there are none; never rejects. */
function handIn( clients, page, answer, verdicts ) {
	return verdicts.length && answer.token ? clients.service.decide( page.mid, answer.token, verdicts )
		.then( () => true, () => false ) : Promise.resolve( true );
}

/**
 * Save the picks as one edit, then hand in the verdicts. A lost verdict loses no statement.
 *
 * @param {{wiki: Object, service: Object}} clients
 * @param {Object} page As page.js has it.
 * @param {Object} answer As ask gives it.
 * @param {string[]} picks Items.
 * @return {Promise<{result: Object, told: Promise<boolean>}>} result: saving.save's, as soon as it
 *  is known; told: whether the verdicts arrived. Rejects as saving.save does.
 */
function save( clients, page, answer, picks, verdicts ) {
	if ( answer.property ) {
		return Promise.reject( { code: 'strange', names: [], info: '' } );
	}
	return saving.save( clients.wiki, {
		mid: page.mid,
		picks: picks.map( ( one ) => one.item ),
		have: answer.have,
		offered: ( have ) => offered( clients, page, have ),
		user: page.user,
		// English: the summary is for everybody who reads the file's history
		summary: 'Suggest depicts, model ' + answer.model_version,
		tag: TAG
	} ).then( ( result ) => ( {
		result: result,
		told: handIn( clients, page, answer, decisions( itemsOf( answer ), result, verdicts ) )
	} ) );
}

/** Verdicts alone. */
function tell( clients, page, answer, verdicts ) {
	return handIn( clients, page, answer,
		decisions( itemsOf( answer ), { fates: {}, written: [] }, verdicts ) );
}

/** Nothing is asked yet. */
function check() {
	return Promise.resolve();
}

module.exports = { ask, check, decisions, save, tell };
