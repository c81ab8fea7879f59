/**
 * What is on a file, and what a save writes. Pure: no network, no page.
 */
'use strict';

const DEPICTS = 'P180';

/** By property. An emptied MediaInfo says [] where it means {}; a missing one has none. */
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
 * Whether what the file says is known; where it is not, nothing may be written.
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
 * Items that the depicts statements name; somevalue and novalue name none.
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
 * @param {string} item Such as "Q146".
 * @return {Object} A new statement.
 */
function depictsClaim( item ) {
	return {
		type: 'statement',
		rank: 'normal',
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
 * @param {Object} entity As it is after the save.
 * @param {string} item
 * @return {string} "saved", "absent", or "twice".
 */
function fate( entity, item ) {
	const found = depicted( entity ).filter( ( other ) => other === item ).length;
	return [ 'absent', 'saved' ][ found ] || 'twice';
}

module.exports = { depicted, depictsClaim, fate, isReadable };
