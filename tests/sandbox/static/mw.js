/**
 * A stand-in for the part of MediaWiki 1.43's client-side library that the gadget uses. No part of
 * the product: on a wiki the real one is there. The page brings its data in #mw-data (JSON).
 *
 * As on a wiki, every page has mw.config, mw.loader, mw.log, mw.messages, mw.message (which fills in
 * $1 … only) and mw.user.tokens; the other parts come with the module in brackets, and are missing
 * until mw.loader has loaded it for somebody who depends on it.
 *
 * mw.config    get( key, fallback ), exists: as mw.Map; null for an unknown key without fallback.
 * mw.user      tokens.get( 'csrfToken' ); [mediawiki.user] getName() (null for nobody), isAnon(),
 *              isNamed(), options.get, options.set. Temporary accounts do not exist here.
 * mw.storage   [mediawiki.storage] get, set, remove, getObject, setObject: of localStorage; false
 *              where this is switched off, null for what is not there. Nothing expires.
 * mw.util      [mediawiki.util] wikiScript( name ), getUrl( title, parameters ),
 *              addPortletLink( portlet, address, text, id, tooltip ): null where there is no such
 *              portlet on the page.
 * mw.language  [mediawiki.language] getFallbackLanguageChain(): the reader's (?uselang=), English.
 * mw.log       error( … ): to the console.
 * mw.messages  set( object ), get( key ), exists( key ).
 * mw.message   ( key, …parameters ).text() and .exists(): $1 …; [mediawiki.jqueryMsg] and
 *              {{PLURAL:$1|one|other}} by the interface's plural rules (last form where there are
 *              too few; 1=… is for 1 alone), nested parameters allowed; no other wikitext. An
 *              unknown key is ⧼key⧽.
 * mw.loader    using( names ) → promise of require; a module and what it depends on is fetched
 *              once from load.php, run when first required, and its styles go into the page. A
 *              failed fetch is forgotten, so that the next using() tries again. (The real loader
 *              keeps some failures for the page's life.)
 * mw.Api       [mediawiki.api] get, post, postWithToken, postWithEditToken, saveOption, getToken, badToken: format=json added,
 *              arrays joined by |, false and undefined left out; 30 s; the csrf token is the
 *              page's, asked for anew once after "badtoken". Promises are like jQuery's: callbacks
 *              get several arguments, ( answer, request ) or ( code, answer, answer, request ),
 *              with code "http" and { xhr, textStatus, exception } where there was no answer; to
 *              `await` only the first one is known. There is no abort().
 */
( function () {
	'use strict';

	const data = JSON.parse( document.getElementById( 'mw-data' ).textContent );

	// --- promises of several values, as jQuery's ---

	/** The values that a callback's return stands for. */
	function followed( value ) {
		return value && typeof value.then === 'function' ?
			new Promise( ( resolve, reject ) => {
				value.then( ( ...all ) => resolve( all ), ( ...all ) => reject( all ) );
			} ) : [ value ];
	}

	function called( callback, values ) {
		try {
			return followed( callback( ...values ) );
		} catch ( error ) {
			throw [ error ];
		}
	}

	/** inner settles with a list of values. */
	function multiple( inner ) {
		// jQuery's promises do not report refusals that nobody waits for
		inner.catch( () => {} );
		return {
			then: ( done, failed ) => multiple( inner.then(
				( values ) => done ? called( done, values ) : values,
				( values ) => {
					if ( !failed ) {
						throw values;
					}
					return called( failed, values );
				}
			) ),
			catch( failed ) {
				return this.then( null, failed );
			}
		};
	}

	// --- small maps ---

	function map( values ) {
		return {
			get: ( key, fallback ) => key in values ? values[ key ] :
				fallback === undefined ? null : fallback,
			exists: ( key ) => key in values,
			set: ( more, value ) => !!Object.assign( values,
				typeof more === 'string' ? { [ more ]: value } : more )
		};
	}

	const config = map( data.config );
	const messages = map( {} );
	const modules = {};

	// --- messages ---

	function plural( text ) {
		return !modules[ 'mediawiki.jqueryMsg' ] ? text : text.replace( /\{\{PLURAL:\s*([^|{}]*)\|([^{}]*)\}\}/g, ( whole, number, rest ) => {
			const all = rest.split( '|' );
			const explicit = all.filter( ( form ) => form.startsWith( number + '=' ) )[ 0 ];
			if ( explicit ) {
				return explicit.slice( explicit.indexOf( '=' ) + 1 );
			}
			const forms = all.filter( ( form ) => !/^\d+=/.test( form ) );
			const rules = new Intl.PluralRules( config.get( 'wgUserLanguage' ) );
			const categories = rules.resolvedOptions().pluralCategories;
			const order = [ 'zero', 'one', 'two', 'few', 'many', 'other' ]
				.filter( ( name ) => categories.includes( name ) );
			const at = order.indexOf( rules.select( Number( number ) ) );
			return forms[ Math.min( at, forms.length - 1 ) ];
		} );
	}

	function message( key, ...parameters ) {
		// numbers first, into the plural's condition; texts last, so that they are never wikitext
		const fill = ( text ) => text.replace( /\$(\d+)/g, ( whole, n ) =>
			parameters[ n - 1 ] === undefined ? whole : String( parameters[ n - 1 ] ) );
		const count = ( text ) => text.replace( /(\{\{PLURAL:\s*)\$(\d+)/g, ( whole, head, n ) =>
			head + Number( parameters[ n - 1 ] ) );
		return {
			exists: () => messages.exists( key ),
			text: () => messages.exists( key ) ?
				fill( plural( count( messages.get( key ) ) ) ) : '⧼' + key + '⧽'
		};
	}

	// --- the loader ---

	/** x/../y/./z → y/z */
	function plain( path ) {
		return path.split( '/' ).reduce( ( parts, part ) =>
			part === '..' ? parts.slice( 0, -1 ) : part === '.' ? parts : parts.concat( part ),
		[] ).join( '/' );
	}

	function run( module, path ) {
		if ( !( path in module.files ) ) {
			throw new Error( 'Cannot require undefined file ' + path );
		}
		if ( !( path in module.exports ) ) {
			const own = { exports: {} };
			const file = module.files[ path ];
			module.exports[ path ] = own;
			if ( typeof file === 'function' ) {
				const folder = path.split( '/' ).slice( 0, -1 ).join( '/' );
				file( ( name ) => /^\.\.?\//.test( name ) ?
					run( module, plain( ( folder ? folder + '/' : '' ) + name ) ) :
					required( name ), own, own.exports );
			} else {
				own.exports = file;
			}
		}
		return module.exports[ path ].exports;
	}

	function required( name ) {
		if ( !modules[ name ] || !modules[ name ].files ) {
			throw new Error( 'Module "' + name + '" is not loaded' );
		}
		return run( modules[ name ], modules[ name ].main );
	}

	/** Called by what load.php sends. */
	function impl( name, files, styles ) {
		const again = !!modules[ name ].files;
		Object.assign( modules[ name ], { files: files, main: Object.keys( files )[ 0 ] } );
		if ( styles && !again ) {
			document.head.appendChild( document.createElement( 'style' ) ).textContent = styles;
		}
	}

	function fetched( name ) {
		return new Promise( ( resolve, reject ) => {
			const script = document.createElement( 'script' );
			script.src = config.get( 'wgScriptPath' ) + '/load.php?modules=' +
				encodeURIComponent( name );
			script.onload = () => modules[ name ].files ? resolve() :
				reject( new Error( 'Module "' + name + '" is not what it should be' ) );
			script.onerror = () => reject( new Error( 'Module "' + name + '" cannot be fetched' ) );
			document.head.appendChild( script );
		} );
	}

	function load( name ) {
		if ( name in parts ) {
			parts[ name ]();
			modules[ name ] = { files: { 'index.js': {} }, main: 'index.js', exports: {} };
			return Promise.resolve();
		}
		if ( !( name in data.modules ) ) {
			return Promise.reject( new Error( 'Unknown module: ' + name ) );
		}
		const module = modules[ name ] = modules[ name ] || { exports: {} };
		module.loading = module.loading || Promise.all(
			data.modules[ name ].map( load ).concat( fetched( name ) )
		);
		module.loading.catch( () => {
			module.loading = null;
		} );
		return module.loading;
	}

	function using( names ) {
		return multiple( Promise.all( [].concat( names ).map( load ) )
			.then( () => [ required ], ( error ) => {
				throw [ error ];
			} ) );
	}

	// --- the API ---

	const tokens = { csrf: data.tokens.csrf };

	function wikiScript( name ) {
		return config.get( 'wgScriptPath' ) + '/' + ( name || 'index' ) + '.php';
	}

	function query( parameters ) {
		const told = new URLSearchParams();
		Object.keys( parameters ).forEach( ( key ) => {
			const value = parameters[ key ];
			if ( value !== false && value !== undefined ) {
				told.set( key, Array.isArray( value ) ? value.join( '|' ) : String( value ) );
			}
		} );
		return told;
	}

	/** The answer as jQuery would hand it on: a list, thrown where it is a refusal. */
	function ajax( url, options ) {
		const abort = new AbortController();
		const timer = setTimeout( () => abort.abort(), 30000 );
		const request = ( response ) => ( {
			status: response.status,
			getResponseHeader: ( name ) => response.headers.get( name )
		} );
		const lost = ( xhr, textStatus, exception ) => [ 'http',
			{ xhr: xhr, textStatus: textStatus, exception: exception } ];
		return fetch( url, Object.assign( { signal: abort.signal }, options ) ).then(
			( response ) => response.text().then( ( text ) => {
				clearTimeout( timer );
				const xhr = request( response );
				if ( !response.ok ) {
					throw lost( xhr, 'error', response.statusText );
				}
				let answer;
				try {
					answer = JSON.parse( text );
				} catch ( error ) {
					throw lost( xhr, 'parsererror', error );
				}
				if ( !answer ) {
					throw [ 'ok-but-empty', 'OK response but empty result', answer, xhr ];
				}
				if ( answer.error ) {
					throw [ answer.error.code, answer, answer, xhr ];
				}
				return [ answer, xhr ];
			} ),
			( error ) => {
				clearTimeout( timer );
				throw lost( { status: 0, getResponseHeader: () => null },
					abort.signal.aborted ? 'timeout' : 'error', error );
			}
		);
	}

	class Api {
		get( parameters ) {
			const all = Object.assign( { action: 'query', format: 'json' }, parameters );
			return multiple( ajax( wikiScript( 'api' ) + '?' + query( all ) ) );
		}

		post( parameters ) {
			const all = Object.assign( { action: 'query', format: 'json' }, parameters );
			return multiple( ajax( wikiScript( 'api' ), { method: 'POST', body: query( all ) } ) );
		}

		/** From the page, or asked for; asserted to be that of the user in question. */
		getToken( type, asserted ) {
			if ( tokens[ type ] ) {
				return multiple( Promise.resolve( [ tokens[ type ] ] ) );
			}
			return this.get( Object.assign( { meta: 'tokens', type: type }, asserted ) )
				.then( ( answer ) => {
					tokens[ type ] = answer.query.tokens[ type + 'token' ];
					return tokens[ type ];
				} );
		}

		badToken( type ) {
			delete tokens[ type ];
		}

		postWithToken( type, parameters ) {
			const asserted = { assert: parameters.assert, assertuser: parameters.assertuser };
			const send = () => this.getToken( type, asserted )
				.then( ( token ) => this.post( Object.assign( {}, parameters, { token: token } ) ) );
			return send().then( null, ( ...refusal ) => {
				if ( refusal[ 0 ] !== 'badtoken' ) {
					return multiple( Promise.reject( refusal ) );
				}
				this.badToken( type );
				return send();
			} );
		}

		postWithEditToken( parameters ) {
			return this.postWithToken( 'csrf', parameters );
		}

		saveOption( name, value ) {
			return this.postWithEditToken( {
				action: 'options', optionname: name, optionvalue: value
			} );
		}
	}

	const mw = window.mw = {
		config: config,
		log: { error: ( ...all ) => console.error( ...all ) },
		loader: { impl: impl, require: required, using: using },
		message: message,
		messages: messages,
		user: {
			tokens: { get: ( name ) => tokens[ name.replace( /Token$/, '' ) ] || null }
		}
	};

	/** false where a browser has none, or refuses. */
	function stored( ask ) {
		try {
			return ask( window.localStorage );
		} catch ( error ) {
			return false;
		}
	}

	const storage = {
		get: ( key ) => stored( ( store ) => store.getItem( key ) ),
		set: ( key, value ) => stored( ( store ) => {
			store.setItem( key, value );
			return true;
		} ),
		remove: ( key ) => stored( ( store ) => {
			store.removeItem( key );
			return true;
		} ),
		getObject: ( key ) => stored( ( store ) => JSON.parse( store.getItem( key ) ) ),
		setObject: ( key, value ) => storage.set( key, JSON.stringify( value ) )
	};

	function portletLink( portlet, address, text, id, tooltip ) {
		const list = document.querySelector( '#' + portlet + ' ul' );
		if ( !list ) {
			return null;
		}
		const row = list.appendChild( document.createElement( 'li' ) );
		const link = row.appendChild( document.createElement( 'a' ) );
		row.id = id;
		row.className = 'mw-list-item mw-list-item-js';
		Object.assign( link, { href: address, textContent: text, title: tooltip } );
		return row;
	}

	/** What MediaWiki's own modules add. */
	const parts = {
		'mediawiki.api': () => {
			mw.Api = Api;
		},
		// message() looks whether it is loaded
		'mediawiki.jqueryMsg': () => {},
		'mediawiki.language': () => {
			const own = config.get( 'wgUserLanguage' );
			mw.language = {
				getFallbackLanguageChain: () => own === 'en' ? [ own ] : [ own, 'en' ]
			};
		},
		'mediawiki.storage': () => {
			mw.storage = storage;
		},
		'mediawiki.user': () => Object.assign( mw.user, {
			options: map( data.options || {} ),
			getName: () => config.get( 'wgUserName' ),
			isAnon: () => config.get( 'wgUserName' ) === null,
			isNamed: () => config.get( 'wgUserName' ) !== null
		} ),
		'mediawiki.util': () => {
			mw.util = {
				wikiScript: wikiScript,
				getUrl: ( title, parameters ) => wikiScript() + '?' +
					query( Object.assign( { title: title }, parameters ) ),
				addPortletLink: portletLink
			};
		}
	};

	// the gadgets that every page loads
	data.load.forEach( ( name ) => using( name ).then( () => required( name ), ( error ) => {
		throw error;
	} ) );
}() );
