/**
 * The way through a category: which file is next, and what is suggested for it. The service is
 * asked about one file ahead, while the person looks at another.
 */
'use strict';

const { asking } = require( 'ext.gadget.suggest-depicts-core' );
const listing = require( './listing.js' );

/** A name for all edits of one walk. */
function newGroup() {
	return 'suggest-depicts/' + Array.from( crypto.getRandomValues( new Uint8Array( 6 ) ),
		( byte ) => ( '0' + byte.toString( 16 ) ).slice( -2 ) ).join( '' );
}

class Walk {
	/** category: as page.js has it. */
	constructor( category ) {
		// a category's page may describe an artwork, too
		this.category = Object.assign( {}, category, { mid: '', artwork: false } );
		this.group = newGroup();
		/** Pages as page.js has them, with thumb, work and group. */
		this.files = [];
		this.at = 0;
		/** How many files were listed; where the next part of the list begins. */
		this.seen = 0;
		this.rest = {};
		this.filling = null;
		/** { mid, answer } of what was asked ahead. */
		this.early = null;
	}

	get file() {
		return this.files[ this.at ] || null;
	}

	/** Whether there is a file, or may be one. */
	get goesOn() {
		return !!( this.file || this.rest );
	}

	add( { seen, files, rest } ) {
		this.files = this.files.concat( files.map(
			( file ) => Object.assign( {}, this.category, { group: this.group }, file ) ) );
		this.seen += seen;
		this.rest = rest;
	}

	/** List on until there is a file at this place; promises it, or null. watch: stopped(). */
	fill( clients, place, watch ) {
		if ( this.files.length > place || !this.rest || watch.stopped() ) {
			return Promise.resolve( this.files[ place ] || null );
		}
		const end = () => {
			this.filling = null;
		};
		if ( !this.filling ) {
			this.filling = listing.part( clients.wiki, this.category.title, this.rest )
				.then( ( part ) => this.add( part ) );
			this.filling.then( end, end );
		}
		return this.filling.then( () => this.fill( clients, place, watch ) );
	}

	/** As asking.ask; nobody waits for a file that the service has yet to look at. */
	inquire( clients, file ) {
		return file.work ? Promise.resolve( { outcome: 'skipped', reason: 'artwork' } ) :
			asking.ask( clients, file, { stopped: () => true } ).then(
				( answer ) => answer.have.length ?
					{ outcome: 'skipped', reason: 'has-depicts' } : answer );
	}

	/** What is suggested for the file; what was asked ahead, unless another try may bring more. */
	answer( clients ) {
		const { file, early } = this;
		const now = () => this.inquire( clients, file );
		this.early = null;
		return early && early.mid === file.mid ? early.answer.then(
			( answer ) => answer.outcome === 'pending' ? now() : answer, now ) : now();
	}

	/** Ask about the next file; promises nothing but that. */
	ahead( clients, watch ) {
		return this.fill( clients, this.at + 1, watch ).then( ( file ) => {
			const { early } = this;
			if ( file && !watch.stopped() && !( early && early.mid === file.mid ) ) {
				const answer = this.inquire( clients, file );
				this.early = { mid: file.mid, answer: answer };
				return answer;
			}
		} ).catch( () => {} );
	}
}

module.exports = Walk;
