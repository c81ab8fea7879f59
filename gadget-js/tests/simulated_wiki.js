'use strict';

// A wiki of one file, M2, that answers as the recorded one does (recorded.json): a stale base is
// merged, and the answer tells of the base and the edit alone; statements are added at the end.

const recorded = require( './recorded.json' );
const wiki = require( '../src/wiki.js' );

const copy = ( value ) => JSON.parse( JSON.stringify( value ) );

/** What the recorded wiki answered to a request that it refused so. */
function refused( reason ) {
	return copy( recorded.errors.find( ( one ) => one.reason === reason ).answer );
}

/** As jQuery's promises, of an answer that may tell of an error. */
function jquery( promise ) {
	return { then: ( done, failed ) => promise.then( ( answer ) => answer.error ?
		failed( answer.error.code, answer ) : done( answer ), () => failed( 'http', {} ) ) };
}

class Wiki {
	/**
	 * @param {string[]|null} items Those that the file names; null for no MediaInfo.
	 * @param {Object} [parts] before( parameters ): awaited before each request is looked at;
	 *  after( parameters, answer ): what is answered, or a rejection for a lost answer.
	 */
	constructor( items, parts ) {
		Object.assign( this, { user: 'Reviewer', tags: [ 'suggest-depicts' ], asked: [] } );
		this.before = parts && parts.before || ( () => null );
		this.after = parts && parts.after || ( ( parameters, answer ) => answer );
		this.versions = [ { revision: 7, statements: null } ];
		/** JSON of the statements that somebody else made or touched last, by id. */
		this.foreign = new Map();
		/** JSON of those that came through the API, by id. */
		this.sent = new Map();
		if ( items ) {
			this.put( [] );
			items.forEach( ( item ) => this.add( item ) );
		}
	}

	get now() {
		return this.versions[ this.versions.length - 1 ];
	}

	get statements() {
		return this.now.statements || [];
	}

	put( statements ) {
		this.versions.push( { revision: this.now.revision + 1, statements: copy( statements ) } );
	}

	// --- somebody else ---

	add( item, property ) {
		const hex = ( n ) => Array.from( { length: n },
			() => '0123456789ABCDEF'[ Math.floor( Math.random() * 16 ) ] ).join( '' );
		const one = {
			mainsnak: { snaktype: 'value', property: property || 'P180', hash: hex( 40 ).toLowerCase(), datavalue: {
				value: { 'entity-type': 'item', 'numeric-id': Number( item.slice( 1 ) ), id: item },
				type: 'wikibase-entityid'
			} },
			type: 'statement',
			id: `M2$${ hex( 8 ) }-${ hex( 4 ) }-4${ hex( 3 ) }-A${ hex( 3 ) }-${ hex( 12 ) }`,
			rank: 'normal'
		};
		this.foreign.set( one.id, JSON.stringify( one ) );
		this.put( this.statements.concat( one ) );
		return one.id;
	}

	change( id, more ) {
		this.put( this.statements.map( ( one ) => one.id === id ? Object.assign( {}, one, more ) : one ) );
		const changed = this.statements.find( ( one ) => one.id === id );
		if ( this.sent.get( id ) === JSON.stringify( changed ) ) {
			this.foreign.delete( id );
		} else {
			this.foreign.set( id, JSON.stringify( changed ) );
		}
	}

	remove( id ) {
		this.foreign.delete( id );
		this.put( this.statements.filter( ( one ) => one.id !== id ) );
	}

	/** What of other people's is not as they left it. */
	harmed() {
		const there = new Map( this.statements.map( ( one ) => [ one.id, JSON.stringify( one ) ] ) );
		return [ ...this.foreign ].filter( ( [ id, json ] ) => there.get( id ) !== json );
	}

	/** Ids of the statements that name an item. */
	ids( item, property ) {
		return this.statements.filter( ( one ) => one.mainsnak.property === ( property || 'P180' ) &&
			one.mainsnak.datavalue && one.mainsnak.datavalue.value.id === item )
			.map( ( one ) => one.id );
	}

	// --- the API ---

	api() {
		const ask = ( parameters ) => jquery( Promise.resolve( this.before( parameters ) ).then( () => {
			this.asked.push( parameters );
			return this.after( parameters, copy( this.answer( parameters ) ) );
		} ) );
		return wiki.client( { get: ask, postWithEditToken: ask } );
	}

	posts( action ) {
		return this.asked.filter( ( one ) => one.action === ( action || 'wbeditentity' ) );
	}

	answer( parameters ) {
		const changing = [ 'wbeditentity', 'wbremoveclaims' ].includes( parameters.action );
		// the name is looked at after the login
		if ( parameters.assert === 'user' && !this.user ) {
			return refused( 'login' );
		}
		if ( parameters.assertuser !== undefined && parameters.assertuser !== this.user ) {
			return refused( 'account' );
		}
		if ( changing && parameters.tags && !this.tags.includes( parameters.tags ) ) {
			return refused( 'tag' );
		}
		return this[ parameters.action ]( parameters );
	}

	paraminfo( { modules } ) {
		const edit = recorded.paraminfo.modules[ 0 ];
		const known = recorded.paraminfo.modules.concat( Object.assign( {}, edit, {
			name: 'wbremoveclaims', parameters: edit.parameters.concat( { name: 'claim' } )
		} ) );
		return { paraminfo: { modules: known.filter( ( one ) => modules.split( '|' ).includes( one.name ) ) } };
	}

	query() {
		return { query: { pages: [ { pageid: 2, ns: 6, lastrevid: this.now.revision } ] } };
	}

	wbgetentities() {
		return { entities: { M2: this.entity( this.now ) }, success: 1 };
	}

	entity( { revision, statements } ) {
		if ( !statements ) {
			return { id: 'M2', missing: '' };
		}
		const groups = {};
		statements.forEach( ( one ) => {
			const property = one.mainsnak.property;
			groups[ property ] = ( groups[ property ] || [] ).concat( one );
		} );
		return {
			pageid: 2, type: 'mediainfo', id: 'M2', labels: {}, descriptions: {},
			statements: statements.length ? groups : [], lastrevid: revision
		};
	}

	base( { baserevid } ) {
		return this.versions.find( ( one ) => one.revision === baserevid );
	}

	wbeditentity( parameters ) {
		const base = this.base( parameters );
		if ( !base ) {
			return refused( 'no-revision' );
		}
		if ( !base.statements && this.now.statements ) {
			return refused( 'created' );
		}
		// "statements" is passed over
		const given = JSON.parse( parameters.data ).claims || [];
		const changed = ( before ) => before.filter(
			( old ) => !given.some( ( one ) => one.id === old.id ) ).concat( given );
		const told = changed( base.statements || [] );
		if ( given.some( ( one ) => this.foreign.has( one.id ) ) ) {
			throw new Error( 'a statement that somebody else has touched was written over' );
		}
		this.put( changed( this.statements ) );
		given.forEach( ( one ) => this.sent.set( one.id, JSON.stringify( one ) ) );
		return {
			entity: this.entity( { revision: this.now.revision, statements: told } ), success: 1
		};
	}

	wbremoveclaims( parameters ) {
		const ids = parameters.claim.split( '|' );
		const base = this.base( parameters ).statements || [];
		const at = ( list, id ) => JSON.stringify( list.find( ( one ) => one.id === id ) );
		if ( ids.some( ( id ) => !at( base, id ) || !at( this.statements, id ) ) ) {
			return refused( 'changed' );
		}
		if ( ids.some( ( id ) => at( base, id ) !== at( this.statements, id ) ) ) {
			return refused( 'conflict' );
		}
		this.put( this.statements.filter( ( one ) => !ids.includes( one.id ) ) );
		return { pageinfo: { lastrevid: this.now.revision }, success: 1, claims: ids };
	}
}

module.exports = { Wiki, recorded, refused };
