/**
 * "Suggest depicts" as a user script, for a wiki that does not have the gadget, or does not offer
 * it. `gadget-js/scripts/deploy --user-script` puts the gadget's own files below, unchanged, each
 * in a function as ResourceLoader would: edit those, not this page.
 */
/* global mw */
( function ( wiki ) {
	'use strict';

	const START = 'ext.gadget.suggest-depicts';
	/** By name: dependencies, files (the first one is run), styles. */
	const gadgets = {
		// <gadgets>
	};
	const done = {};

	/** What the files take for mw: the wiki's, whose loader knows these gadgets, too. */
	const known = Object.create( wiki );

	/** Which file of a package "./x.js" or "../y.json" is. */
	function resolved( from, path ) {
		return path.split( '/' ).reduce(
			( parts, part ) => part === '..' ? parts.slice( 0, -1 ) :
				part === '.' ? parts : parts.concat( part ),
			from.split( '/' ).slice( 0, -1 )
		).join( '/' );
	}

	function run( name, file ) {
		const key = name + '|' + file;
		const code = gadgets[ name ].files[ file ];
		if ( !code ) {
			throw new Error( 'No file ' + file );
		}
		if ( !( key in done ) ) {
			const module = done[ key ] = { exports: typeof code === 'function' ? {} : code };
			if ( typeof code === 'function' ) {
				const require = ( path ) => /^\.\.?\//.test( path ) ?
					run( name, resolved( file, path ) ) : required( path );
				code( require, module, module.exports, known );
			}
		}
		return done[ key ].exports;
	}

	function required( name ) {
		return name in gadgets ? run( name, Object.keys( gadgets[ name ].files )[ 0 ] ) :
			wiki.loader.require( name );
	}

	/** The names with all that they depend on. */
	function needed( names ) {
		return names.reduce( ( all, name ) => all.concat( name,
			name in gadgets ? needed( gadgets[ name ].dependencies ) : [] ), [] );
	}

	/** As mw.loader.using: a promise of require. */
	function using( names ) {
		const all = needed( [].concat( names ) );
		return wiki.loader.using( all.filter( ( name ) => !( name in gadgets ) ) ).then( () => {
			all.filter( ( name ) => name in gadgets && !( name in done ) ).forEach( ( name ) => {
				done[ name ] = true;
				wiki.loader.addStyleTag( gadgets[ name ].styles );
			} );
			return required;
		} );
	}

	known.loader = Object.assign( Object.create( wiki.loader ), { using: using } );
	if ( wiki.loader.getState( START ) ) {
		// the wiki has the gadget: once is enough
		wiki.loader.load( START );
	} else {
		using( START ).then( () => required( START ) );
	}
}( mw ) );
