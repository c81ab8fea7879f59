/**
 * What a save will write. Pure: no network, no page.
 */
'use strict';

const DEPICTS = 'P180';

/**
 * The statements of an entity by property. An emptied MediaInfo says [] where it means {};
 * a missing one has none.
 *
 * @param {Object} entity As wbgetentities gives it.
 * @return {Object<string, Object[]>}
 */
function statementsOf( entity ) {
	const found = entity.statements || entity.claims || {};
	return Array.isArray( found ) ? {} : found;
}

function isStatement( statement ) {
	const snak = statement && statement.mainsnak;
	return !!snak && typeof snak.snaktype === 'string' &&
		( snak.snaktype !== 'value' || !!snak.datavalue && !!snak.datavalue.value &&
			typeof snak.datavalue.value.id === 'string' );
}

/**
 * Whether this is an entity as the wiki is known to give it. Where it is not, what the file says
 * is not known, and nothing may be written.
 *
 * @param {*} entity As wbgetentities gives it.
 * @param {string} mid The id that was asked for.
 * @return {boolean}
 */
function isReadable( entity, mid ) {
	if ( !entity || entity.id !== mid ) {
		return false;
	}
	const found = entity.statements || entity.claims;
	if ( 'missing' in entity || !found ) {
		return 'missing' in entity && !found;
	}
	const depicts = typeof found === 'object' && statementsOf( entity )[ DEPICTS ] || [];
	return typeof found === 'object' && Array.isArray( depicts ) && depicts.every( isStatement );
}

/**
 * Items that the entity's depicts statements name; somevalue and novalue name none.
 *
 * @param {Object} entity As wbgetentities gives it.
 * @return {string[]}
 */
function depicted( entity ) {
	return ( statementsOf( entity )[ DEPICTS ] || [] )
		.map( ( statement ) => statement.mainsnak.datavalue )
		.filter( ( datavalue ) => datavalue )
		.map( ( datavalue ) => datavalue.value.id );
}

/**
 * A new depicts statement.
 *
 * @param {string} item Such as "Q146".
 * @param {boolean} [prominent] Preferred rank.
 * @return {Object}
 */
function depictsClaim( item, prominent ) {
	return {
		type: 'statement',
		rank: prominent ? 'preferred' : 'normal',
		mainsnak: {
			snaktype: 'value',
			property: DEPICTS,
			datavalue: {
				type: 'wikibase-entityid',
				value: { 'entity-type': 'item', id: item, 'numeric-id': Number( item.slice( 1 ) ) }
			}
		}
	};
}

/**
 * Of the picks, what is still to be written, and what the file says already.
 *
 * @param {Object} entity The entity as it is now.
 * @param {string[]} picks Items, as the person approved them.
 * @return {{write: string[], redundant: string[]}}
 */
function plan( entity, picks ) {
	const present = new Set( depicted( entity ) );
	const wanted = Array.from( new Set( picks ) );
	return {
		write: wanted.filter( ( item ) => !present.has( item ) ),
		redundant: wanted.filter( ( item ) => present.has( item ) )
	};
}

/**
 * Of what was written, what is not there exactly once.
 *
 * @param {Object} entity The entity as it is after the save.
 * @param {string[]} written
 * @return {string[]}
 */
function unverified( entity, written ) {
	const present = depicted( entity );
	return written.filter( ( item ) => present.filter( ( other ) => other === item ).length !== 1 );
}

module.exports = { depicted, depictsClaim, isReadable, plan, unverified };
