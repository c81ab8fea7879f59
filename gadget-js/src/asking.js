/** What the file says, and what is suggested beside it. clients: { wiki, service }. */
'use strict';

const claims = require( './claims.js' );
const verdicts = require( './verdicts.js' );

/** Rejects as wiki.js does, or with the code "strange" where nobody can tell what the file says. */
function readEntity( api, mid, property ) {
	return api.get( { action: 'wbgetentities', ids: mid } ).then( ( { entities } ) => {
		const entity = entities && entities[ mid ];
		if ( !claims.isReadable( entity, mid, property ) ) {
			throw { code: 'strange', names: [], info: '' };
		}
		return entity;
	} );
}

function inquire( { service }, { mid, language }, have, watch ) {
	return service.suggestions( mid, { language, have }, watch );
}

/**
 * The service's answer, and have: the items that the file named, read first, so that none of them
 * is offered. Then earlier verdicts are handed in. watch: as service.js has it.
 */
function ask( clients, page, watch ) {
	return readEntity( clients.wiki, page.mid ).then( ( entity ) => {
		const have = claims.depicted( entity );
		return inquire( clients, page, have, watch ).then( ( answer ) => {
			verdicts.retry( clients.service );
			return Object.assign( {}, answer, { have } );
		} );
	} );
}

module.exports = { ask, inquire, readEntity };
