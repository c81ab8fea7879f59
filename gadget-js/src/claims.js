/** What is on a file, and what a save writes. Pure. */
'use strict';

const DEPICTS = 'P180';
/** Digital representation of: what a file of an artwork has instead. */
const REPRESENTS = 'P6243';
/** Our statements have a UUID of version 8; others make version 4. */
const OURS = /\$.{8}-.{4}-8/;

/** An emptied MediaInfo says [] where it means {}; a missing one has none. */
function statementsOf( entity, property = DEPICTS ) {
	return ( entity.statements || entity.claims || {} )[ property ] || [];
}

/** None for somevalue and novalue. */
function itemOf( { mainsnak } ) {
	return ( ( mainsnak.datavalue || {} ).value || {} ).id;
}

function isStatement( one ) {
	const kind = one && typeof one.id === 'string' && one.mainsnak && one.mainsnak.snaktype;
	return typeof kind === 'string' && ( kind !== 'value' || typeof itemOf( one ) === 'string' );
}

/** Whether it is known what the file says; else nothing may be written. */
function isReadable( entity, mid, property ) {
	if ( !entity || entity.id !== mid ) {
		return false;
	}
	const found = entity.statements || entity.claims;
	const own = statementsOf( entity, property );
	return 'missing' in entity ? !found : !!found && typeof found === 'object' &&
		Array.isArray( own ) && own.every( isStatement );
}

/** Items that the statements name. */
function depicted( entity, property ) {
	return statementsOf( entity, property ).map( itemOf ).filter( Boolean );
}

/** Ids of the statements that name the item, the oldest first. */
function guids( entity, item, property ) {
	return statementsOf( entity, property ).filter( ( one ) => itemOf( one ) === item )
		.map( ( { id } ) => id );
}

/** "absent", "saved", or "twice". */
function fate( entity, item, property ) {
	return [ 'absent', 'saved' ][ guids( entity, item, property ).length ] || 'twice';
}

/**
 * Fate of a statement that we sent; "returned" where it was taken back (gone). Beside somebody
 * else's it is one too many; of two of this gadget the later is, whose writer sees the other.
 */
function outcome( entity, { id, mainsnak }, gone ) {
	const where = [ entity, itemOf( { mainsnak } ), mainsnak.property ];
	const ids = guids( ...where );
	const own = ids.indexOf( id );
	return own < 0 ? gone && ids.length ? 'returned' : fate( ...where ) :
		ids.some( ( one, at ) => at < own || !OURS.test( one ) ) ? 'twice' : 'saved';
}

/** Whether it is there, and nobody has changed it or built on it. */
function isAsSent( entity, sent ) {
	const some = ( part ) => Object.keys( part || {} ).length;
	return statementsOf( entity, sent.mainsnak.property ).some( ( one ) => one.id === sent.id &&
		itemOf( one ) === itemOf( sent ) && one.rank === sent.rank &&
		!some( one.qualifiers ) && !some( one.references ) );
}

/** A new statement; rank "preferred" for what is prominent. */
function claim( property, item, rank ) {
	const value = { 'entity-type': 'item', id: item };
	const datavalue = { type: 'wikibase-entityid', value };
	const mainsnak = { snaktype: 'value', property: property || DEPICTS, datavalue };
	return { type: 'statement', rank: rank || 'normal', mainsnak };
}

/** With an id, an edit sent twice makes no second statement. */
function newGuid( mid ) {
	return mid + '$' + 'xxxxxxxx-xxxx-8xxx-axxx-xxxxxxxxxxxx'.replace( /x/g,
		() => Math.floor( Math.random() * 16 ).toString( 16 ) );
}

module.exports = {
	REPRESENTS, claim, depicted, fate, guids, isAsSent, isReadable, newGuid, outcome, statementsOf
};
