/**
 * The two things that happen: suggestions come, and picks are saved. Pure but for the clients it
 * is given; what is shown meanwhile is the dialog's business.
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
 * @param {{mid: string, language: string}} page
 * @param {{waiting: Function, stopped: Function}} watch As service.js has it.
 * @return {Promise<Object>} The service's answer; rejects as wiki.js or service.js do.
 */
function ask( clients, page, watch ) {
	return saving.read( clients.wiki, page.mid ).then( ( now ) => clients.service.suggestions(
		page.mid, { language: page.language, have: claims.depicted( now.entity ) }, watch
	) );
}

/**
 * What is told to the service after a save: what was approved and is there, with the edit's
 * revision; what was approved and was there already; and what was only shown, a skip, not a "no".
 *
 * @param {string[]} shown Items.
 * @param {string[]} picks Items.
 * @param {Object} result As saving.save gives it.
 * @return {Object[]}
 */
function decisions( shown, picks, result ) {
	const missing = result.unverified || [];
	return shown.filter( ( item ) => missing.indexOf( item ) < 0 ).map( ( item ) => {
		if ( picks.indexOf( item ) < 0 ) {
			return { item: item, verdict: 'skipped' };
		}
		return result.written.indexOf( item ) < 0 || !result.revision ?
			{ item: item, verdict: 'accepted' } :
			{ item: item, verdict: 'accepted', revision: result.revision };
	} );
}

/**
 * Save the picks as one edit, then hand in the verdicts. A lost verdict loses no statement.
 *
 * @param {{wiki: Object, service: Object}} clients
 * @param {{mid: string, user: string}} page
 * @param {Object} answer The service's, whose suggestions were shown.
 * @param {string[]} picks Items.
 * @return {Promise<Object>} saving.save's result, and told: whether the verdicts arrived. Rejects
 *  as saving.save does.
 */
function save( clients, page, answer, picks ) {
	const shown = answer.suggestions.map( ( one ) => one.item );
	return saving.save( clients.wiki, {
		mid: page.mid,
		picks: picks,
		user: page.user,
		// English: the summary is for everybody who reads the file's history
		summary: 'Suggest depicts, model ' + answer.model_version,
		tag: TAG
	} ).then( ( result ) => clients.service
		.decide( page.mid, answer.token, decisions( shown, picks, result ) )
		.then( () => true, () => false )
		.then( ( told ) => Object.assign( { told: told }, result ) ) );
}

module.exports = { ask, decisions, save };
