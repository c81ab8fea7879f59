/** Picks are saved, verdicts told. clients: { wiki, service }. */
'use strict';

const { asking, verdicts } = require( 'ext.gadget.suggest-depicts-core' );
const saving = require( './saving.js' );

const TAG = 'suggest-depicts';
/** Promises of saves under way: a double click is one save. */
const saves = {};

/** As saving.check: asked once, and again after a failure. Every save waits for it. */
function check( { wiki }, page ) {
	wiki.checked = wiki.checked || saving.check( wiki, page.user ).then( null, ( error ) => {
		wiki.checked = null;
		throw error;
	} );
	return wiki.checked;
}

const itemsOf = ( list ) => list.map( ( { item } ) => item );

/**
 * What may be saved beside these items: what the service still offers, and what the person looked
 * up. Rejects where nobody can tell. A file represents one artwork.
 */
function offered( clients, page, { property, suggestions }, picks, have ) {
	return property ? Promise.resolve( [] ) :
		asking.inquire( clients, page, have, { stopped: () => true } ).then( ( now ) => {
			if ( [ 'failed', 'paused', 'pending' ].includes( now.outcome ) ) {
				throw now;
			}
			const shown = itemsOf( suggestions );
			return itemsOf( now.suggestions )
				.concat( itemsOf( picks ).filter( ( item ) => !shown.includes( item ) ) );
		} );
}

/**
 * What is told of what was shown: approved, with the revision where ours is in it; judged; else
 * skipped. Of what was sent and is not there, nothing.
 */
function decisions( shown, { fates, guids, revision }, judged = {} ) {
	return shown.filter( ( item ) => fates[ item ] !== 'absent' ).map( ( item ) => Object.assign(
		{ item, verdict: item in fates ? 'accepted' : judged[ item ] || 'skipped' },
		revision && item in guids ? { revision } : {}
	) );
}

function handIn( { service }, { mid }, { suggestions, token }, result, judged ) {
	const told = decisions( itemsOf( suggestions ), result, judged );
	return told.length && token ? verdicts.handIn( service, { mid, token, decisions: told } ) :
		Promise.resolve( true );
}

/**
 * English: for everybody who reads the file's history. page.group: of many edits that belong
 * together, the name under which the tool Edit groups lists them.
 */
function summary( { group }, more ) {
	return 'Suggest depicts' + more +
		( group ? ' ([[:toolforge:editgroups-commons/b/' + group + '|details]])' : '' );
}

/**
 * Save the picks { item, rank } as one edit, then tell them, and what was judged: "rejected" …, by
 * item. Promises result: saving.save's, as soon as it is known; told: promise of what
 * verdicts.handIn promises. Rejects as check() and saving.save do. answer.property: where not
 * depicts.
 */
function save( clients, page, answer, picks, judged ) {
	const key = JSON.stringify( [ page.mid, picks ] );
	const end = () => delete saves[ key ];
	if ( !saves[ key ] ) {
		saves[ key ] = check( clients, page ).then( () => saving.save( clients.wiki, {
			mid: page.mid,
			property: answer.property,
			picks,
			have: answer.have,
			offered: ( have ) => offered( clients, page, answer, picks, have ),
			user: page.user,
			summary: summary( page, answer.token ? ', model ' + answer.model_version : '' ),
			tag: TAG
		} ) ).then( ( result ) => ( {
			result, told: handIn( clients, page, answer, result, judged )
		} ) );
		saves[ key ].then( end, end );
	}
	return saves[ key ];
}

/** Where nothing is saved: whether what was judged arrived, or there is nothing; never rejects. */
function tell( clients, page, answer, judged ) {
	return Object.keys( judged ).length ?
		handIn( clients, page, answer, { fates: {} }, judged ) : Promise.resolve( true );
}

module.exports = { TAG, check, decisions, save, summary, tell };
